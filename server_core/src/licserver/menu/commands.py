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


def _one_of(most: int) -> Callable[[str], str | None]:
    """Whether a number from 1 on was typed."""
    return lambda answer: None if answer in [str(way) for way in range(1, most + 1)] else f"one_of_{most}"


def _activate_key(answers: Answers) -> Call:
    match answers["way"]:
        case "4":
            return Call(["key", "activate", "--phone", "--request", "-"], _key_order(answers), answers.get("kit"))
        case "5":
            return Call(["load", "--request", "-"], {name: answers[name] for name in ("key_number", "blocks")})
        case _:
            return _by_way("key", _key_order)(answers)


def _by_way(kind: str, order: Callable[[Answers], dict[str, Any]]) -> Callable[[Answers], Call]:
    """Activate online, make a request file, or load the answer to one: whichever way was chosen."""

    def call(answers: Answers) -> Call:
        match answers["way"]:
            case "1":
                return Call([kind, "activate", "--request", "-"], order(answers), answers.get("kit"))
            case "2":
                words = [kind, "request", "--request", "-", f"--output={answers['output']}"]
                return Call(words, order(answers), answers.get("kit"))
            case _:
                return Call(["load", "--", answers["answer"]])

    return call


def _key_order(answers: Answers) -> dict[str, Any]:
    company = {name: answers[name] for name in ("tax_id", "address", "phone", "email")}
    return {
        "key_number": answers["key_number"],
        "pin": answers["pin"],
        "company": {"name": answers["company"], **company},
        "center_url": None,
        "reactivate": is_yes(answers["reactivate"]),
    }


def _pack_order(answers: Answers) -> dict[str, Any]:
    return {**{name: answers[name] for name in ("key_number", "pack", "password")}, "center_url": None}


def _install(answers: Answers) -> Call:
    network = ["--network"] if is_yes(answers["network"]) else []
    return Call(["distribution", "install", *network, "--", answers["source"]])


def _say_activated(what: str) -> Callable[[Mapping[str, Any], Texts], str]:
    def say(data: Mapping[str, Any], texts: Texts) -> str:
        if data.get("request") and "file" not in data:
            request, phone = data["request"], data["request"]["phone"]
            told = {"key_number": request["key_number"], "code": phone["code"]}
            return (
                texts.say("call", number=phone["number"], **told)
                if phone["number"]
                else texts.say("call_vendor", **told)
            )
        if data.get("request"):
            mail = data["request"]["send_to"]["mail"]
            where = {"file": data["file"], "url": data["request"]["send_to"]["url"]}
            made = texts.say("request_made_mail", mail=mail, **where) if mail else texts.say("request_made", **where)
            return made if data.get("new", True) else f"{made}\n{texts.say('request_of_before')}"
        if "request" in data:
            return texts.say("nothing_to_ask_for")
        key = data["key"]
        limits = ", ".join(f"{one['name']} {one['limit']}" for one in key.get("counters", ()))
        state = f"{what}_activated" if data.get("changed", True) else f"{what}_was_active"
        return texts.say(state, key_number=key["key_number"], product=key.get("product_name", ""), limits=limits)

    return say


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


def _asks(answers: Answers) -> bool:
    return answers["way"] in ("1", "2", "4")


def _center_questions(way: Question, *questions: Question) -> list[Question]:
    """Which way, and then what that way needs."""
    return [
        way,
        *questions,
        Question("output", default=".", when=lambda answers: answers["way"] == "2"),
        Question("answer", when=lambda answers: answers["way"] == "3"),
    ]


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
        _say_activated("key"),
        _center_questions(
            Question("way", text="way_of_key", default="1", check=_one_of(5)),
            Question("key_number", when=lambda answers: answers["way"] != "3"),
            Question("pin", secret=True, when=_asks),
            Question("kit", when=_asks),
            Question("company", when=_asks),
            *(Question(name, default="", when=_asks) for name in ("tax_id", "address", "phone", "email")),
            Question("reactivate", default="n", check=_yes_or_no, when=_asks),
            Question("blocks", when=lambda answers: answers["way"] == "5"),
        ),
    ),
    Command(
        "activate_pack",
        _by_way("pack", _pack_order),
        _say_activated("pack"),
        _center_questions(
            Question("way", default="1", check=_one_of(3)),
            Question("key_number", when=_asks),
            Question("pack", when=_asks),
            Question("password", secret=True, when=_asks),
        ),
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
