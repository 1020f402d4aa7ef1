# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the log: the table and the segment files are one."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.events import Event, Selection
from licserver.events.chain import START, Head, Page, link
from licserver.events.history import History
from licserver.events.segments import Segments
from licserver.files import WriteError
from licserver.seats.ledger import ARCHIVE_AGAIN
from server_core.tests.events.helpers import KEPT, SEGMENT, chain, event, ledger, pages, small_files, write

kinds = st.sampled_from(["granted", "denied", "freed"])
users = st.sampled_from(["Анна", "boris"])
fields = st.fixed_dictionaries({}, optional={"user": users})
events = st.lists(st.builds(Event, at=st.integers(min_value=0, max_value=9), kind=kinds, fields=fields))
selections = st.builds(
    Selection,
    after=st.none() | st.integers(min_value=0, max_value=20),
    before=st.none() | st.integers(min_value=0, max_value=20),
    since=st.integers(min_value=0, max_value=9),
    until=st.none() | st.integers(min_value=0, max_value=9),
    text=st.sampled_from(["", "АНН", "boris", "nobody"]),
    kinds=st.frozensets(kinds),
    limit=st.integers(min_value=1, max_value=20),
)


def numbers(found: list[dict[str, Any]]) -> list[int]:
    return [one["number"] for one in found]


@given(events, st.integers(min_value=0, max_value=4), selections)
def test_a_selection_is_what_a_plain_list_would_give(
    tmp_path_factory: pytest.TempPathFactory, noted: list[Event], files: int, wanted: Selection
) -> None:
    rows = link(START, noted)
    segments = Segments(tmp_path_factory.mktemp("state"))
    moved = pages(rows)[: min(files, len(rows) // SEGMENT)]
    for page in moved:
        assert page.before is not None
        segments.write(page.before, page.rows)
    end = len(moved) * SEGMENT
    table = [row for row in rows[end:] if row.number > (wanted.after or 0)]
    history = History(segments, Page(rows[end - 1].hash if end else START.hash, table), end, 1)

    fit = [
        number
        for number, one in enumerate(noted, start=1)
        if (wanted.after or 0) < number < (len(noted) + 1 if wanted.before is None else wanted.before)
        and wanted.since <= one.at <= (9 if wanted.until is None else wanted.until)
        and (not wanted.kinds or one.kind in wanted.kinds)
        and wanted.text.casefold() in str(one.fields.get("user", "")).casefold()
    ]
    assert numbers(history.select(wanted)) == (fit[-wanted.limit :] if wanted.after is None else fit[: wanted.limit])


class TestLedger:
    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        small_files(monkeypatch)

    def test_old_events_move_into_files_and_the_log_stays_one(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(10))
            history = opened.history()

        assert [path.name for path in (tmp_path / "events").iterdir()] == ["events-000000000001.log"]
        assert numbers(history.select(Selection())) == list(range(1, 11))
        assert history.verify().problems == []

    def test_the_number_of_files_is_bounded(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(20 * SEGMENT))
            history = opened.history()

        assert len(list((tmp_path / "events").iterdir())) == KEPT + 1
        assert history.verify().problems == []
        assert numbers(history.select(Selection(limit=1)))[-1] == 20 * SEGMENT

    def test_a_restart_continues_the_chain(self, tmp_path: Path) -> None:
        for _ in range(5):
            with ledger(tmp_path) as opened:
                write(opened, range(3))
        with ledger(tmp_path) as opened:
            found = opened.history().verify()

        assert (found.problems, found.events) == ([], 15)

    def test_a_crash_between_the_file_and_the_table_does_no_harm(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ledger(tmp_path) as opened:
            with monkeypatch.context() as patch:
                patch.setattr("licserver.events.table.EventTable.drop", _crash)
                with pytest.raises(KeyboardInterrupt):
                    write(opened, range(2 * SEGMENT))
            assert numbers(opened.history().select(Selection())) == list(range(1, 2 * SEGMENT + 1))
            assert opened.history().verify().problems == []
            write(opened, range(1))

            assert numbers(opened.history().select(Selection())) == list(range(1, 2 * SEGMENT + 2))
            assert opened.history().verify().problems == []

    def test_a_file_that_was_removed_is_noticed(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(4 * SEGMENT))
            (tmp_path / "events" / "events-000000000001.log").unlink()

            assert opened.history().verify().problems == [f"events 1 to {SEGMENT} are missing"]

    def test_rows_that_were_removed_from_the_end_of_a_file_are_noticed(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(3 * SEGMENT))
            path = tmp_path / "events" / "events-000000000001.log"
            path.write_text("\n".join(path.read_text().split("\n")[:-2]))

            assert opened.history().verify().problems == [f"event {SEGMENT} is missing"]

    def test_a_file_that_somebody_filled_with_noise_hides_no_other_event(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(3 * SEGMENT))
            (tmp_path / "events" / "events-000000000001.log").write_bytes(b"\xff\xfe{}\n" * 100)
            history = opened.history()

        assert numbers(history.select(Selection())) == list(range(SEGMENT + 1, 3 * SEGMENT + 1))
        assert history.verify().problems == [f"events 1 to {SEGMENT} are missing"]

    def test_a_file_that_cannot_be_read_is_missing(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(3 * SEGMENT))
            path = tmp_path / "events" / "events-000000000001.log"
            path.unlink()
            path.mkdir()

            assert opened.history().verify().problems == [f"events 1 to {SEGMENT} are missing"]

    def test_where_no_file_can_be_written_events_stay_in_the_ledger_and_it_is_tried_again_later(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "events").write_text("in the way")
        with ledger(tmp_path) as opened:
            opened.commit({}, [event(str(number)) for number in range(2 * SEGMENT)])
            with pytest.raises(WriteError):
                opened.archive()
            assert not opened.has_old_events
            (tmp_path / "events").unlink()
            write(opened, range(ARCHIVE_AGAIN))

            assert (tmp_path / "events" / "events-000000000001.log").exists()
            assert opened.history().verify().problems == []

    def test_what_is_no_segment_file_is_passed_over(self, tmp_path: Path) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(3 * SEGMENT))
            (tmp_path / "events" / "events-000000000009.log").mkdir()
            (tmp_path / "events" / "notes.txt").write_text("mine")

            assert opened.history().verify().problems == []

    @pytest.mark.parametrize("body", ["x'ff00'", "cast(x'ff00' as text)", "cast(x'ff' || body as text)", "7"])
    def test_a_row_whose_columns_hold_anything_is_altered(self, tmp_path: Path, body: str) -> None:
        with ledger(tmp_path) as opened:
            write(opened, range(3))
            opened._database.execute(f"update event set body = {body}, hash = 'text' where number = 2")

            assert opened.history().verify().problems == ["event 2 was altered", "event 3 was altered"]
            assert numbers(opened.history().select(Selection())) == [1, 3]


def test_a_row_that_only_begins_as_an_event_is_passed_over(tmp_path: Path) -> None:
    rows = chain(2)
    broken = link(Head(2, rows[1].hash), [event("x")])[0]
    page = Page(START.hash, [*rows, type(broken)(3, broken.text[:-1], broken.hash)])

    assert numbers(History(Segments(tmp_path), page, 0, 1).select(Selection())) == [1, 2]


def _crash(*_: object) -> None:
    raise KeyboardInterrupt
