# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Group commit."""

import asyncio
import logging
from typing import Any

import pytest

from licserver.kept_file import files_set_aside
from licserver.seats.ledger import CorruptLedgerError, DiskFullError, Ledger, LedgerError
from licserver.server.journal import Journal
from server_core.tests.helpers import OwnKey
from server_core.tests.running import DEADLINE_SECONDS
from server_core.tests.seats.helpers import lease_of
from server_core.tests.server.helpers import Instance, Office


def test_what_waits_together_is_written_together(office: Office) -> None:
    journal = Journal(office.ledger)

    async def many() -> None:
        waiting = []
        for number in range(50):
            journal.note(f"lease of {number}", lease_of(str(number)))
            waiting.append(journal.flush())
        await asyncio.gather(*waiting)
        await journal.close()

    asyncio.run(many())

    assert len(office.on_disk()) == 50
    assert office.ledger.commits <= 3


def test_a_change_is_written_as_it_was_when_its_batch_began(office: Office) -> None:
    journal = Journal(office.ledger)
    lease = lease_of("anna")

    async def change_while_writing() -> None:
        journal.note(lease.lease, lease)
        first = journal.flush()
        await asyncio.sleep(0)
        lease.sequence = 5
        await first
        await journal.close()

    asyncio.run(change_while_writing())

    assert [kept.sequence for kept in office.ledger.leases()] in ([0], [5])


def test_everybody_who_waits_hears_of_a_failure(office: Office) -> None:
    journal = Journal(office.ledger)
    office.ledger.full = True

    async def two() -> tuple[object, object]:
        journal.note("a", lease_of("a"))
        return await asyncio.gather(journal.flush(), journal.flush(), return_exceptions=True)

    outcomes = asyncio.run(two())

    assert [type(outcome) for outcome in outcomes] == [DiskFullError, DiskFullError]


def test_after_a_failure_it_goes_on(office: Office) -> None:
    journal = Journal(office.ledger)

    async def fail_then_write() -> None:
        office.ledger.full = True
        journal.note("a", lease_of("a"))
        with pytest.raises(LedgerError):
            await journal.flush()
        office.ledger.full = False
        journal.note("b", lease_of("b"))
        await journal.flush()

    asyncio.run(fail_then_write())

    assert list(office.on_disk()) == ["lease of b"]


def test_who_stops_waiting_for_a_batch_takes_nobody_with_him(office: Office) -> None:
    journal = Journal(office.ledger)

    async def one_of_two_leaves() -> None:
        journal.note("a", lease_of("a"))
        leaves, stays = asyncio.ensure_future(journal.flush()), asyncio.ensure_future(journal.flush())
        leaves.cancel()
        await asyncio.wait_for(stays, DEADLINE_SECONDS)
        journal.note("b", lease_of("b"))
        await asyncio.wait_for(journal.close(), DEADLINE_SECONDS)

    asyncio.run(one_of_two_leaves())

    assert sorted(office.on_disk()) == ["lease of a", "lease of b"]


def test_who_cannot_be_told_takes_nobody_with_him(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(office.ledger)

    def break_down(error: LedgerError | None) -> None:
        raise ConnectionError("gone")

    async def two() -> None:
        journal.when_kept(break_down)
        await journal.flush()
        await journal.close()

    asyncio.run(asyncio.wait_for(two(), DEADLINE_SECONDS))

    assert "an answer could not be given" in caplog.text


@pytest.mark.parametrize("step", ["encode", "commit"])
def test_an_accident_of_any_kind_is_told_to_who_waits_and_logged_and_it_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, step: str
) -> None:
    journal = Journal(office.ledger)

    def broken(*_: object) -> None:
        raise MemoryError("too much")

    async def fail_then_write() -> None:
        journal.note("a", lease_of("a"))
        with monkeypatch.context() as patch:
            patch.setattr(office.ledger, step, broken)
            with pytest.raises(LedgerError, match="MemoryError: too much"):
                await asyncio.wait_for(journal.flush(), DEADLINE_SECONDS)
        journal.note("b", lease_of("b"))
        await asyncio.wait_for(journal.close(), DEADLINE_SECONDS)

    asyncio.run(fail_then_write())

    assert list(office.on_disk()) == ["lease of b"]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def test_an_end_that_could_not_be_written_is_written_with_the_next_batch(office: Office) -> None:
    journal = Journal(office.ledger)
    anna = lease_of("anna")

    async def end_on_a_full_disk() -> bool:
        journal.note(anna.lease, anna)
        await journal.flush()
        office.ledger.full = True
        journal.note(anna.lease, None)
        with pytest.raises(LedgerError):
            await journal.flush()
        office.ledger.full = False
        waits = journal.has_changes
        await journal.flush()
        return waits

    assert asyncio.run(end_on_a_full_disk())
    assert office.on_disk() == {}


def test_a_stop_on_a_full_disk_is_an_error_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    journal = Journal(office.ledger)
    journal.note("a", lease_of("a"))
    office.ledger.full = True

    asyncio.run(journal.close())

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert "the last changes of leases are lost" in caplog.text


@pytest.mark.parametrize("readable", [True, False])
def test_a_ledger_that_is_damaged_while_it_is_open_is_written_anew_from_what_the_server_knows(
    office: Office, key: OwnKey, monkeypatch: pytest.MonkeyPatch, readable: bool
) -> None:
    commit = Ledger.commit
    failures = iter([CorruptLedgerError(office.path, "malformed")])

    def damaged(self: Ledger, *batch: Any) -> None:
        for error in failures:
            if not readable:
                for name in ("leases.sqlite", "leases.sqlite-wal"):
                    office.path.with_name(name).write_bytes(b"this is no database" * 5000)
            raise error
        commit(self, *batch)

    async def work() -> None:
        await Instance(office, "anna").take()
        with monkeypatch.context() as patch:
            patch.setattr(Ledger, "commit", damaged)
            await Instance(office, "boris").take()

    office.monotonic.seconds += 77
    asyncio.run(work())

    assert len(files_set_aside(office.path.parent)) == 1
    assert sorted(lease.holder.user for lease in office.ledger.leases()) == ["anna", "boris"]
    assert office.ledger.now() == 77
    assert [event["number"] for event in office.events()] == ([1, 2] if readable else [2])
    assert office.ledger.history().verify().problems == ([] if readable else ["event 1 is missing"])
    office.crash()
    assert len(office.desk.book.leases) == 2
