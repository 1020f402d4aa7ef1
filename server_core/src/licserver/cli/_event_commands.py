# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl events``: what the server did and why; also while it does not run.

Standard library only, so that a command starts fast.
"""

import argparse
import json
import re
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from licserver.cli._output import EXIT_NO, Answer
from licserver.cli._server import Server, ServerNotRunningError, ask_server
from licserver.errors import LicensingError
from licserver.events import KINDS, MOST_EVENTS, Selection

if TYPE_CHECKING:
    from licserver.events.history import History

FOLLOW_SECONDS = 1.0
_SHOWN = 100
_SHOWN_BEFORE_FOLLOWING = 10
_AGO = re.compile(r"([0-9]{1,9})([smhd])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def add_event_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command to those of ``licctl``."""
    events = commands.add_parser("events", help="what the server did and why; also while it does not run")
    events.add_argument(
        "--since", type=_moment, metavar="TIME", help="none older: 2026-11-22, 2026-11-22T16:30, or 30m, 12h, 7d ago"
    )
    events.add_argument(
        "--kind",
        dest="kinds",
        action="append",
        choices=KINDS,
        metavar="KIND",
        help="only of this kind; may be repeated",
    )
    events.add_argument(
        "--limit", type=_limit, metavar="N", help=f"the newest N, at most {MOST_EVENTS} (default: {_SHOWN})"
    )
    how = events.add_mutually_exclusive_group()
    how.add_argument("--follow", action="store_true", help="go on with what happens, one a line, until interrupted")
    how.add_argument("--verify", action="store_true", help="check that no event was altered, removed or moved")
    events.set_defaults(carry_out=_events)


def event_line(event: Mapping[str, Any]) -> str:
    """An event for people."""
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(event["at"]))
    words = (f"{name}={_word(value)}" for name, value in event.items() if name not in ("number", "at", "kind"))
    return "  ".join([str(event["number"]), when, event["kind"], " ".join(words)]).rstrip()


def _word(value: object) -> str:
    text = "-" if value is None else str(value)
    return text if re.fullmatch(r"[^\s\"=]+", text) else json.dumps(text, ensure_ascii=False)


def _moment(text: str) -> int:
    if ago := _AGO.fullmatch(text):
        return max(0, int(time.time()) - int(ago[1]) * _UNIT_SECONDS[ago[2]])
    try:
        return max(0, int(datetime.fromisoformat(re.sub("Z$", "+00:00", text)).timestamp()))
    except (ValueError, OverflowError, OSError):
        raise argparse.ArgumentTypeError(f"{text!r} is no time such as 2026-11-22T16:30 or 12h") from None


def _limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= MOST_EVENTS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1 to {MOST_EVENTS}")
    return int(text)


def _events(arguments: argparse.Namespace) -> Answer:
    if arguments.verify:
        return _verified(_verification(arguments.asked))
    shown = _SHOWN_BEFORE_FOLLOWING if arguments.follow else _SHOWN
    wanted = Selection(
        since=arguments.since or 0, kinds=frozenset(arguments.kinds or ()), limit=arguments.limit or shown
    )
    events = _read(arguments.asked, wanted)
    if arguments.follow:
        return _follow(arguments, wanted, events)
    return Answer({"events": events}, "\n".join(map(event_line, events)) or "No events.")


def _follow(arguments: argparse.Namespace, wanted: Selection, events: list[dict[str, Any]]) -> Answer:
    """Tell events as they come, over stops and starts of the server."""
    try:
        last = 0
        while True:
            for event in events:
                print(json.dumps(event) if arguments.json else event_line(event), flush=True)
                last = event["number"]
            if len(events) < wanted.limit:
                time.sleep(FOLLOW_SECONDS)  # a person reads along; asked again after that
            wanted = Selection(after=last, since=wanted.since, kinds=wanted.kinds, limit=MOST_EVENTS)
            events = _read_or_nothing(arguments.asked, wanted)
    except KeyboardInterrupt:
        return Answer(None, "")


def _read_or_nothing(server: Server | Path, wanted: Selection) -> list[dict[str, Any]]:
    try:
        return _read(server, wanted)
    except LicensingError as error:
        if error.code != "events_unreadable":
            raise
        return []  # a server that is just starting or stopping has them open


def _read(server: Server | Path, wanted: Selection) -> list[dict[str, Any]]:
    query: list[tuple[str, str | int]] = [("since", wanted.since), ("limit", wanted.limit)]
    query += [("kind", kind) for kind in sorted(wanted.kinds)]
    query += [] if wanted.after is None else [("after", wanted.after)]
    try:
        found: list[dict[str, Any]] = ask_server(server, "GET", f"/events?{urlencode(query)}", field="events")["events"]
    except ServerNotRunningError:
        assert isinstance(server, Path)  # of a server elsewhere nothing is read but what it says itself
        found = _stored(server, wanted.after or 0).select(wanted)
    return found


def _verification(server: Server | Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = ask_server(server, "GET", "/events/verification", field="verification")["verification"]
    except ServerNotRunningError:
        assert isinstance(server, Path)  # of a server elsewhere nothing is read but what it says itself
        found = _stored(server).verify().data()
    return found


def _stored(state: Path, after: int = 0) -> "History":
    from licserver.events.stored import stored_history  # only where no server answers

    return stored_history(state, after)


def _verified(found: Mapping[str, Any]) -> Answer:
    span = f"{found['events']} events, {found['first']} to {found['last']}; the last hash is {found['hash']}"
    if not found["problems"]:
        return Answer(found, f"Whole: {span}")
    return Answer(found, "\n".join(["Not whole:", *_problems(found), span]), EXIT_NO)


def _problems(found: Mapping[str, Any]) -> Iterable[str]:
    yield from found["problems"]
    if found["unnamed_problems"]:
        yield f"and {found['unnamed_problems']} problems more"
