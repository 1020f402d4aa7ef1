# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The eight commands: what each asks, what of ``licctl`` it calls, and what it says of the answer."""

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from licserver import __version__
from licserver.ini_text import parse_servers
from licserver.menu.texts import Texts
from licserver.menu.wizard import Answers, Question


@dataclass(frozen=True)
class Call:
    """A command of ``licctl``.

    :ivar words: its arguments; never a secret.
    :ivar request: goes to its standard input as JSON.
    :ivar kit: a file whose JSON is the ``kit`` of the request.
    """

    words: Sequence[str]
    request: Mapping[str, Any] | None = None
    kit: str | None = None


@dataclass(frozen=True)
class Command:
    """A command of the menu.

    :ivar name: of its texts.
    :ivar call: what is called, given the answers; ``None`` to quit.
    :ivar describe: the answer of the call in words.
    :ivar needs_administrator: who is none is told before any question.
    """

    name: str
    call: Callable[[Answers], Call] | None
    describe: Callable[[Mapping[str, Any], Texts], str]
    questions: Sequence[Question] = field(default=())
    needs_administrator: bool = False


def _servers(answer: str) -> str | None:
    try:
        parse_servers(answer)
    except ValueError:
        return "wrong_address"
    return None


def _yes_or_no(answer: str) -> str | None:
    return None if answer.casefold() in YES | NO else "yes_or_no"


YES = {"y", "yes", "д", "да"}
NO = {"n", "no", "н", "нет"}


def is_yes(answer: str) -> bool:
    """Whether an answer means yes, in either language."""
    return answer.strip().casefold() in YES


def _set_server(answers: Answers) -> Call:
    return Call(["server", "set", "--", *parse_servers(answers["servers"])])


def _activate_key(answers: Answers) -> Call:
    company = {name: answers[name] for name in ("tax_id", "address", "phone", "email")}
    order = {
        "key_number": answers["key_number"],
        "pin": answers["pin"],
        "company": {"name": answers["company"], **company},
        "center_url": None,
        "reactivate": is_yes(answers["reactivate"]),
    }
    return Call(["key", "activate", "--request", "-"], order, kit=answers["kit"])


def _activate_pack(answers: Answers) -> Call:
    order = {name: answers[name] for name in ("key_number", "pack", "password")}
    return Call(["pack", "activate", "--request", "-"], {**order, "center_url": None})


def _install(answers: Answers) -> Call:
    network = ["--network"] if is_yes(answers["network"]) else []
    return Call(["distribution", "install", *network, "--", answers["source"]])


def _say_key(data: Mapping[str, Any], texts: Texts) -> str:
    key = data["key"]
    limits = ", ".join(f"{one['name']} {one['limit']}" for one in key.get("counters", ()))
    state = "key_activated" if data["changed"] else "key_was_active"
    return texts.say(state, key_number=key["key_number"], product=key.get("product_name", ""), limits=limits)


def _say_pack(data: Mapping[str, Any], texts: Texts) -> str:
    limits = ", ".join(f"{one['name']} {one['limit']}" for one in data["key"]["counters"])
    state = "pack_activated" if data["changed"] else "pack_was_active"
    return texts.say(state, key_number=data["key"]["key_number"], limits=limits)


def _say_retried(data: Mapping[str, Any], texts: Texts) -> str:
    lines = [f"  {one['server']}: {one['message']}" for one in data["failed"]]
    found = data["found"]
    last = texts.say("server_found", **found) if found else texts.say("no_server_found")
    return "\n".join([*lines, last])


def _say_license(data: Mapping[str, Any], texts: Texts) -> str:
    license = data["license"]
    counters = ", ".join(f"{one['name']} ({one['type']}) {one['limit']}" for one in license["counters"])
    expires = texts.say("never") if license["expires_at"] is None else _day(license["expires_at"])
    shown = {"counters": counters, "expires": expires, "issued": _day(license["issued_at"])}
    return texts.say("license_is", **{**license, **shown})


def _day(seconds: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(seconds))


def _file_name() -> str:
    return f"licserver-{__version__}.{'zip' if sys.platform == 'win32' else 'tar.gz'}"


_COMPANY = [Question("company"), *(Question(name, default="") for name in ("tax_id", "address", "phone", "email"))]

COMMANDS: Sequence[Command] = (
    Command(
        "set_server",
        _set_server,
        lambda data, texts: texts.say("server_set", servers=", ".join(data["servers"]), path=data["path"]),
        [Question("servers", check=_servers)],
    ),
    Command(
        "activate_key",
        _activate_key,
        _say_key,
        [
            Question("key_number"),
            Question("pin", secret=True),
            Question("kit"),
            *_COMPANY,
            Question("reactivate", default="n", check=_yes_or_no),
        ],
    ),
    Command(
        "activate_pack",
        _activate_pack,
        _say_pack,
        [Question("key_number"), Question("pack"), Question("password", secret=True)],
    ),
    Command("retry", lambda _: Call(["retry"]), _say_retried),
    Command("quit", None, lambda data, texts: ""),
    Command(
        "license",
        lambda answers: Call(["license", f"--product={answers['product']}"]),
        _say_license,
        [Question("product")],
    ),
    Command(
        "save",
        lambda answers: Call(["distribution", "save", "--", answers["file"]]),
        lambda data, texts: texts.say("saved", **data),
        [Question("file", default=_file_name())],
    ),
    Command(
        "install",
        _install,
        lambda data, texts: texts.say("installed" if data["changed"] else "was_installed", **data),
        [Question("source"), Question("network", default="n", check=_yes_or_no)],
        needs_administrator=True,
    ),
)
