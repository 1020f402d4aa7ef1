# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a service in the systemd journal."""

import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from licserver.service import journald
from licserver.service.journald import JournalHandler, log_handler


def read_entry(data: bytes) -> dict[str, str]:
    """The fields of an entry in the journal's native protocol."""
    fields = {}
    while data:
        line, _, rest = data.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            (length,) = struct.unpack_from("<Q", rest)
            value, rest = rest[8 : 8 + length], rest[8 + length + 1 :]
        fields[name.decode()] = value.decode()
        data = rest
    return fields


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "journal"))
        listening.settimeout(5)
        yield listening


@pytest.fixture
def log(journal: socket.socket, tmp_path: Path) -> Iterator[logging.Logger]:
    handler = JournalHandler(tmp_path / "journal")
    made = logging.Logger("licserver.example")
    made.addHandler(handler)
    yield made
    handler.close()


def entry(journal: socket.socket) -> dict[str, str]:
    return read_entry(journal.recv(2**20))


def test_a_record_is_an_entry_with_its_priority_and_place(log: logging.Logger, journal: socket.socket) -> None:
    log.warning("the disk of %s is full", "branch-1")

    told = entry(journal)
    assert (told["MESSAGE"], told["PRIORITY"]) == ("the disk of branch-1 is full", "4")
    assert (told["LOGGER"], told["SYSLOG_IDENTIFIER"]) == ("licserver.example", "licserver")
    assert told["CODE_FILE"] == __file__


@pytest.mark.parametrize(
    ("level", "priority"),
    [
        (logging.DEBUG, "7"),
        (logging.INFO, "6"),
        (logging.WARNING, "4"),
        (logging.ERROR, "3"),
        (logging.CRITICAL, "2"),
    ],
)
def test_levels_are_priorities(log: logging.Logger, journal: socket.socket, level: int, priority: str) -> None:
    log.log(level, "message")

    assert entry(journal)["PRIORITY"] == priority


def test_fields_of_a_record_are_fields_of_the_entry(log: logging.Logger, journal: socket.socket) -> None:
    fields = {"license_event": "granted", "lease": "abc", "session_number": 12, "counter": None}
    log.info("granted", extra={"fields": fields})

    told = entry(journal)
    assert (told["LICENSE_EVENT"], told["LEASE"], told["SESSION_NUMBER"]) == ("granted", "abc", "12")
    assert "COUNTER" not in told


def test_a_field_cannot_stand_for_what_the_entry_itself_says(log: logging.Logger, journal: socket.socket) -> None:
    log.info("alarm: the disk is full", extra={"fields": {"message": "forged", "priority": 0}})

    told = entry(journal)
    assert (told["MESSAGE"], told["PRIORITY"]) == ("alarm: the disk is full", "6")


def test_what_a_client_sent_cannot_begin_a_field_of_its_own(log: logging.Logger, journal: socket.socket) -> None:
    log.info("granted", extra={"fields": {"user": "anna\nPRIORITY=0\n\ud800"}})

    told = entry(journal)
    assert (told["USER"], told["PRIORITY"]) == ("anna\nPRIORITY=0\n\\ud800", "6")


def test_an_error_carries_its_traceback(log: logging.Logger, journal: socket.socket) -> None:
    try:
        raise ZeroDivisionError("no reason")
    except ZeroDivisionError:
        log.exception("failed")

    assert entry(journal)["MESSAGE"].splitlines()[-1] == "ZeroDivisionError: no reason"


def test_a_journal_that_is_full_or_gone_keeps_nobody_waiting(
    log: logging.Logger, journal: socket.socket, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(10_000):
        log.info("x" * 1000)
    journal.close()
    log.info("gone")

    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("stream", "kind"),
    [("{0.st_dev}:{0.st_ino}", JournalHandler), ("1:2", logging.StreamHandler), ("", logging.StreamHandler)],
)
def test_the_journal_is_written_where_standard_error_leads_there(
    journal: socket.socket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: str, kind: type[logging.Handler]
) -> None:
    monkeypatch.setattr(journald, "JOURNAL", tmp_path / "journal")
    with (tmp_path / "stderr").open("w") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setenv("JOURNAL_STREAM", stream.format(os.fstat(stderr.fileno())))

        handler = log_handler()
        handler.close()

    assert type(handler) is kind


def test_elsewhere_the_log_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    record = logging.LogRecord("licserver", logging.INFO, __file__, 1, "it %s", ("serves",), None)

    assert log_handler().format(record) == "INFO licserver: it serves"
