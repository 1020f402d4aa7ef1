# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the commands of the lab, one for each kind of host, have in common."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from .system import LabError, check_machine, one_at_a_time


class CommandLine:
    """A program with commands, of which one runs at a time on this machine."""

    def __init__(self, program: str, description: str) -> None:
        self._parser = argparse.ArgumentParser(
            prog=program, description=description, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        self._commands = self._parser.add_subparsers(required=True, metavar="COMMAND")

    def add(self, name: str, command: Callable[[argparse.Namespace], None], help: str) -> argparse.ArgumentParser:
        """Add a command; its arguments are added to the parser that is returned."""
        parser = self._commands.add_parser(name, help=help)
        parser.set_defaults(command=command)
        return parser

    def run(self, programs: dict[str, str]) -> int:
        """Run the command that was given, and return the exit code.

        `programs` holds what the hosts need of this machine, with the Debian package of each.
        """
        arguments = self._parser.parse_args()
        try:
            check_machine(programs)
            with one_at_a_time():
                arguments.command(arguments)
        except LabError as error:
            print(f"{self._parser.prog}: {error}", file=sys.stderr)
            return 1
        return 0


def whole_number(smallest: int, largest: int) -> Callable[[str], int]:
    """What reads an argument that is a number from `smallest` to `largest`."""

    def parse(text: str) -> int:
        if not text.isdecimal() or not smallest <= int(text) <= largest:
            raise argparse.ArgumentTypeError(f"{text}: not a number from {smallest} to {largest}")
        return int(text)

    return parse
