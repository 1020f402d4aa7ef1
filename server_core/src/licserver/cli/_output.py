# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How every command line of this package answers: as text for people or as one JSON object for programs.

- success: the answer on standard output, exit code 0;
- a question that was answered with no (``licctl check``, ``licctl events --verify``): the same with exit code 3;
- a :class:`LicensingError`: exit code 1; with ``--json`` the object
  ``{"error": {"code": …, "message": …, "hint": …}}`` on standard output, otherwise one message on standard error;
- a command that cannot be understood: the same with exit code 2 and the code ``usage``.

Standard library only, so that a command starts fast. docs/protocol.md, "Command lines".
"""

import argparse
import getpass
import io
import json
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from licserver.errors import LicensingError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NO = 3
JSON_OPTION = "--json"

_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, colors or retitles a terminal, or turns the direction of writing."""


class UsageError(LicensingError):
    """A command line that cannot be understood."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__("usage", message, hint=hint)


@dataclass(frozen=True)
class Answer:
    """What a command found or did, for both readers.

    :ivar data: the JSON object; ``None`` where all was said before.
    :ivar text: the same for people.
    :ivar exit_code: 0, or :data:`EXIT_NO`.
    """

    data: Mapping[str, Any] | None
    text: str
    exit_code: int = 0


class Parser(argparse.ArgumentParser):
    """An argument parser that raises :class:`UsageError` instead of printing and exiting."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        super().__init__(*args, **options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"See: {self.prog} --help")


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """The option that :func:`run` looks for."""
    parser.add_argument(JSON_OPTION, action="store_true", help="answer with one JSON object")


def read_object() -> dict[str, Any]:
    """The one JSON object on standard input: what programs say to a command, secrets and names of people among it, has
    no place in arguments.

    :raises UsageError: there is none.
    """
    try:
        given = json.load(sys.stdin)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"standard input holds no JSON: {error}", hint="Give one JSON object") from error
    if not isinstance(given, dict):
        raise UsageError("standard input holds JSON that is no object", hint="Give one JSON object")
    return given


def read_kit_file(path: Path) -> Any:
    """What a vendor's kit says; the server checks it.

    :param path: ``-`` for standard input.
    :raises LicensingError: the file cannot be read, or holds no JSON.
    """
    try:
        return json.loads(sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise LicensingError("bad_kit", f"{path}: {error}", hint="Name the kit delivered with the product") from error


def read_secret(prompt: str) -> str:
    """A line that is not shown while it is typed; from a pipe the first one."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def printable(text: str) -> str:
    """A text as a terminal may be given it: what servers and files say is shown, and never obeyed."""
    return _UNSEEN.sub(lambda unseen: unseen[0].encode("unicode_escape").decode(), text)


def run(command: Callable[[Sequence[str]], Answer], argv: Sequence[str]) -> int:
    """Carry out ``command``, print its answer or its error, and return the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    as_json = JSON_OPTION in argv
    try:
        return _print_answer(command(argv), as_json)
    except LicensingError as error:
        return _print_error(error, as_json)
    except KeyboardInterrupt:
        return _print_error(LicensingError("interrupted", "interrupted before it was done"), as_json)
    except BrokenPipeError:  # the reader left, as in `licctl key list | head -1`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return EXIT_FAILED
    except OSError as error:
        return _print_error(_system_error(error), as_json)


def _print_answer(answer: Answer, as_json: bool) -> int:
    text = json.dumps(answer.data) if as_json and answer.data is not None else printable(answer.text)
    if text:
        print(text, flush=True)
    return answer.exit_code


def _print_error(error: LicensingError, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"error": {"code": error.code, "message": error.message, "hint": error.hint}}), flush=True)
    else:
        print(printable(f"error: {error}"), file=sys.stderr)
    return EXIT_USAGE if isinstance(error, UsageError) else EXIT_FAILED


def _system_error(error: OSError) -> LicensingError:
    where = f"{error.filename}: " if error.filename else ""
    return LicensingError("system_error", f"{where}{error.strerror or error}")
