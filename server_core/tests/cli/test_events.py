# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl events`` as a process, with a server and without one."""

import contextlib
import json
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from licserver.cli._event_commands import event_line
from server_core.tests.cli.helpers import answered, refused
from server_core.tests.helpers import KEY, PRODUCT
from server_core.tests.portable import signals
from server_core.tests.processes import command, words
from server_core.tests.running import DEADLINE_SECONDS, ServerThread, refusal


def events(server: ServerThread, *options: str, as_json: bool = True) -> "subprocess.CompletedProcess[str]":
    return command("licctl", "--state", server.state, *(["--json"] if as_json else []), "events", *options)


def kinds(done: "subprocess.CompletedProcess[str]") -> list[str]:
    return [event["kind"] for event in answered(done)["events"]]


@pytest.fixture
def worked(server: ServerThread) -> ServerThread:
    """A running server on which somebody got a license, and somebody else none."""
    with server.client() as client:
        client.take("anna")
        assert refusal(client.login(product="other")) == "no_key"
        client.logout()
    return server


def test_they_are_told_with_all_their_words(worked: ServerThread) -> None:
    (granted,) = answered(events(worked, "--kind", "granted"))["events"]

    assert granted.pop("lease")
    assert granted.pop("at") == pytest.approx(time.time(), abs=60)
    assert granted.pop("number") >= 1
    assert granted == {
        "kind": "granted",
        "user": "anna",
        "computer": "pc1",
        "product": PRODUCT,
        "counter": "main",
        "type": "session",
        "key_number": KEY,
        "session_number": 0,
        "rdp_session": 0,
        "address": granted["address"],
    }


def test_of_several_kinds_all_are_told_in_order(worked: ServerThread) -> None:
    assert kinds(events(worked, "--kind", "freed", "--kind", "granted")) == ["granted", "freed"]


def test_the_newest_are_told_where_a_limit_is_set(worked: ServerThread) -> None:
    assert kinds(events(worked, "--limit", "1")) == ["freed"]


def test_nothing_older_is_told_than_was_asked_for(worked: ServerThread) -> None:
    assert "granted" in kinds(events(worked, "--since", "1h"))
    assert kinds(events(worked, "--since", "2100-01-01")) == []


def test_a_stopped_server_s_are_read_from_its_state(worked: ServerThread) -> None:
    before = kinds(events(worked))
    worked.stop()

    assert kinds(events(worked))[: len(before)] == before
    assert answered(events(worked, "--verify"))["problems"] == []


def test_for_people_each_is_a_line(worked: ServerThread) -> None:
    (line,) = events(worked, "--kind", "denied", as_json=False).stdout.splitlines()

    assert '  denied  code=no_key reason="no protection key on this server serves the product other' in line


def test_without_any_it_says_so(worked: ServerThread) -> None:
    assert events(worked, "--kind", "moved", as_json=False).stdout == "No events.\n"


def test_a_whole_log_is_called_whole(worked: ServerThread) -> None:
    found = answered(events(worked, "--verify"))

    assert (found["problems"], found["first"], found["last"]) == ([], 1, found["events"])
    assert events(worked, "--verify", as_json=False).stdout.startswith(f"Whole: {found['events']} events")


def test_a_log_that_was_altered_is_called_so_and_answered_with_no(worked: ServerThread) -> None:
    worked.stop()
    with contextlib.closing(sqlite3.connect(worked.state / "leases.sqlite")) as database, database:
        database.execute("""update event set body = replace(body, '"anna"', '"boris"') where body like '%"granted"%'""")

    as_json, for_people = events(worked, "--verify"), events(worked, "--verify", as_json=False)

    (problem,) = json.loads(as_json.stdout)["problems"]
    assert problem.endswith(" was altered")
    assert (as_json.returncode, for_people.returncode) == (3, 3)
    assert for_people.stdout.startswith(f"Not whole:\n{problem}\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--kind", "nothing"], "nothing"),
        (["--since", "yesterday"], "'yesterday' is no time such as 2026-11-22T16:30 or 12h"),
        (["--limit", "0"], "'0' is no number from 1 to 1000"),
        (["--follow", "--verify"], "not allowed with"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(worked: ServerThread, options: list[str], said: str) -> None:
    error = refused(events(worked, *options), code=2)

    assert error["code"] == "usage"
    assert said in error["message"]


def test_where_no_server_ever_ran_it_says_so(tmp_path: Path) -> None:
    done = command("licctl", "--state", tmp_path, "--json", "events")

    assert refused(done)["code"] == "events_unreadable"


@contextlib.contextmanager
def following(server: ServerThread, *options: str, before: Sequence[str] = ()) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*before, *words("licctl"), "--state", str(server.state), "--json", "events", "--follow", *options],
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(DEADLINE_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def next_event(process: "subprocess.Popen[str]") -> dict[str, object]:
    assert process.stdout is not None
    event: dict[str, object] = json.loads(process.stdout.readline())
    return event


def test_who_follows_is_told_what_was_and_what_comes_over_a_restart(server: ServerThread) -> None:
    with server.client() as client:
        client.take("anna")
    with following(server, "--kind", "granted") as process:
        told = [next_event(process)]
        with server.client() as client:
            client.take("boris")
        told.append(next_event(process))
        server.restart()
        with server.client(private=client.private) as again:
            again.granted, again.welcome = client.granted, again.hello()
            again.logout(sequence=9)
            again.take("clara")
        told.append(next_event(process))

    assert [event["user"] for event in told] == ["anna", "boris", "clara"]


@signals
def test_who_follows_ends_with_an_interrupt_and_no_word_more(worked: ServerThread) -> None:
    interruptible = ("env", "--default-signal=INT")  # also where the tests themselves run in the background
    with following(worked, "--limit", "1", before=interruptible) as process:
        assert next_event(process)["kind"] == "freed"
        process.send_signal(signal.SIGINT)

        assert process.stdout is not None
        assert process.stdout.read() == ""
        assert process.wait(DEADLINE_SECONDS) == 0


def test_a_word_with_spaces_is_quoted_and_none_is_a_dash() -> None:
    event = {"number": 1, "at": 0, "kind": "alarm", "code": "x", "message": 'a "b" c', "subject": None}

    assert event_line(event).endswith('  alarm  code=x message="a \\"b\\" c" subject=-')
