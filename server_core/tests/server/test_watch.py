# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server watches over."""

import asyncio
import itertools
import os
import ssl
from pathlib import Path

import pytest

from licserver.events.alarms import Alarms
from licserver.events.moments import Moment
from licserver.keys.keyring import AttachedKey
from licserver.remarks import Remark
from licserver.seats.ledger import DiskFullError, LedgerError
from licserver.server.announcement import Announcement
from licserver.server.certificate import ServerCertificate
from licserver.server.configuration import Configuration
from licserver.server.key_events import key_events
from licserver.server.watch import FILES_SECONDS, JUMP_ALARM_SECONDS, Watch
from licserver.settings import read_settings
from server_core.tests.helpers import KEY, NOW, OwnKey, Vendor
from server_core.tests.server.helpers import Instance, Office

DAY = 24 * 3600


class Post:
    """A watch over an office, with clocks that a test turns."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office = office
        self.folder = folder
        self.running = 1000.0
        self.configuration = Configuration(read_settings(Path(os.devnull)), None)
        self.alarms = Alarms(office.event_log, clock=lambda: office.now)
        self.watch = Watch(
            self.alarms,
            office.journal,
            Announcement(folder, lambda: b'{"token": "x"}'),
            [folder],
            office.desk.keys,
            self.configuration,
            moment=self.moment,
        )

    def moment(self) -> Moment:
        return Moment(self.office.now, self.running, "boot")

    def look(self) -> list[tuple[str, str]]:
        """What is wrong after another look: code and subject."""
        self.watch.look()
        return [(alarm["code"], alarm["subject"]) for alarm in self.alarms.now()]

    def passes(self, seconds: float) -> None:
        self.running += seconds
        self.office.now += seconds


@pytest.fixture
def post(office: Office, tmp_path: Path) -> Post:
    (tmp_path / "state").mkdir()
    return Post(office, tmp_path / "state")


def test_while_all_is_well_there_is_no_alarm(post: Post) -> None:
    for _ in range(3):
        post.passes(3600)
        assert post.look() == []


@pytest.mark.parametrize(("hours", "way"), [(5, "forward"), (-5, "back")])
def test_a_clock_that_is_set_is_an_alarm_for_a_day(post: Post, hours: int, way: str) -> None:
    post.look()
    post.office.now += hours * 3600

    assert post.look() == [("clock_jumped", "")]
    assert post.alarms.now()[0]["message"] == f"the clock of the computer was set {way} by {5 * 3600} seconds"
    post.passes(JUMP_ALARM_SECONDS - 1)
    assert post.look() == [("clock_jumped", "")]
    post.passes(1)
    assert post.look() == []


def test_a_clock_that_is_set_twice_is_two_events(post: Post) -> None:
    for hours in (5, -5):
        post.office.now += hours * 3600
        post.look()
    asyncio.run(post.office.desk.tick())

    assert [event["kind"] for event in post.office.events()] == ["alarm", "alarm_ended", "alarm"]


@pytest.mark.parametrize(("hours", "expected"), [(5, []), (-5, [("clock_jumped", "")])])
def test_a_clock_that_went_back_while_the_computer_was_off_is_an_alarm(
    office: Office, tmp_path: Path, hours: int, expected: list[tuple[str, str]]
) -> None:
    office.ledger.last_moment = Moment(office.now, 5.0, "boot before")
    office.now += hours * 3600

    assert Post(office, tmp_path).look() == expected


@pytest.mark.parametrize("hours", [5, -5])
def test_a_clock_that_was_set_while_the_server_was_stopped_is_an_alarm(
    office: Office, tmp_path: Path, hours: int
) -> None:
    office.ledger.last_moment = Moment(office.now, 900.0, "boot")
    office.now += 100 + hours * 3600

    assert Post(office, tmp_path).look() == [("clock_jumped", "")]


@pytest.mark.parametrize(
    ("problem", "code"),
    [(DiskFullError(Path("l"), "full"), "disk_full"), (LedgerError(Path("l"), "broken"), "ledger_failed")],
)
def test_a_ledger_that_cannot_be_written_is_an_alarm_until_it_can(post: Post, problem: LedgerError, code: str) -> None:
    post.office.journal.problem = problem
    assert post.look() == [(code, "")]
    post.office.journal.problem = None

    assert post.look() == []


def test_a_full_disk_is_tried_again_until_there_is_room(post: Post) -> None:
    async def fill_and_empty() -> list[list[tuple[str, str]]]:
        office, found = post.office, []
        office.ledger.full = True
        for full in (True, True, False, False):
            office.ledger.full = full
            found.append(post.look())
            await asyncio.gather(office.desk.tick(), return_exceptions=True)
        return [*found, post.look()]

    post.office.event_log.note("server_started", version="1")

    assert asyncio.run(fill_and_empty()) == [[], [("disk_full", "")], [("disk_full", "")], [], []]


def test_a_key_that_will_expire_soon_is_an_alarm_and_also_when_it_has(post: Post, vendor: Vendor) -> None:
    post.office.attach(
        OwnKey.of(vendor, "A", expires_at=NOW + 40 * DAY), OwnKey.of(vendor, "B", expires_at=NOW + 100 * DAY)
    )
    found = []
    for days in (0, 15, 30):
        post.passes(days * DAY)
        post.look()
        found.append([alarm["message"] for alarm in post.alarms.now()])

    assert found == [[], ["the key A expires: 25 days left"], ["the key A has expired"]]
    post.office.attach()
    assert post.look() == []


def test_a_clock_behind_what_was_seen_is_an_alarm_where_a_key_expires(post: Post, vendor: Vendor) -> None:
    post.look()
    post.office.desk.attach([], {})
    post.office.now -= 5 * 3600
    before = [code for code, _ in post.look()]
    post.office.attach(OwnKey.of(vendor, "A", expires_at=NOW + 100 * DAY))
    meanwhile = [code for code, _ in post.look()]
    post.office.now += 5 * 3600

    assert (before, meanwhile) == (["clock_jumped"], ["clock_jumped", "clock_behind"])
    assert post.look() == [("clock_jumped", "")]


def test_a_key_that_is_about_to_break_is_an_alarm_until_it_is_not(post: Post, vendor: Vendor) -> None:
    key = OwnKey.of(vendor)
    attached = AttachedKey(KEY, key.license, key, None, ("this computer gets another name",))
    post.office.desk.attach([attached], {})

    assert post.look() == [("key_at_risk", KEY)]
    message = post.alarms.now()[0]["message"]
    assert message == f"the key {KEY} is about to stop working: this computer gets another name"
    post.office.attach(key)
    assert post.look() == []


def test_a_file_that_was_set_aside_is_an_alarm_until_it_is_removed(post: Post) -> None:
    aside = post.folder / "keys.json.corrupt-20261122T163000Z"
    aside.write_bytes(b"{")
    assert post.look() == [("state_corrupt", aside.name)]
    aside.unlink()
    post.passes(FILES_SECONDS)

    assert post.look() == []


def test_the_control_file_is_written_again_when_it_was_removed(post: Post) -> None:
    post.look()
    (post.folder / "control.json").unlink()
    post.passes(FILES_SECONDS)

    assert post.look() == []
    assert (post.folder / "control.json").read_bytes() == b'{"token": "x"}'


@pytest.mark.parametrize("damaged", [b"\xff", b"[]", b"{", b"[" * 100_000])
def test_a_control_file_that_was_damaged_is_set_aside_and_written_again(post: Post, damaged: bytes) -> None:
    (post.folder / "control.json").write_bytes(damaged)

    assert [code for code, _ in post.look()] == ["state_corrupt"]
    assert (post.folder / "control.json").read_bytes() == b'{"token": "x"}'


def test_a_folder_in_the_place_of_the_control_file_is_set_aside(post: Post) -> None:
    (post.folder / "control.json").mkdir()

    assert [code for code, _ in post.look()] == ["state_corrupt"]
    assert (post.folder / "control.json").read_bytes() == b'{"token": "x"}'


def test_where_the_control_file_cannot_be_written_the_server_goes_on_and_tries_again(small_disk: Path) -> None:
    announcement = Announcement(small_disk, lambda: b"{}")
    (small_disk / "filler").write_bytes(bytes(512 * 1024))

    announcement.keep()
    assert not (small_disk / "control.json").exists() or (small_disk / "control.json").read_bytes() == b""
    (small_disk / "filler").unlink()
    announcement.keep()
    assert (small_disk / "control.json").read_bytes() == b"{}"
    announcement.end()
    assert not (small_disk / "control.json").exists()


OTHER = Remark("other_computer", "another disk", {"facts": "disk"})
LOST = {"reason": "another disk", "remark": "other_computer", "facts": "disk"}


class TestKeyEvents:
    def key(self, vendor: Vendor, number: str = "A", problem: Remark | None = None) -> dict[str, AttachedKey]:
        key = OwnKey.of(vendor, number)
        return {number: AttachedKey(number, key.license, None if problem else key, problem)}

    def test_at_a_start_only_what_does_not_work_is_told(self, vendor: Vendor) -> None:
        found = {**self.key(vendor, "A"), **self.key(vendor, "B", OTHER)}

        assert list(key_events(None, found)) == [("key_lost", {"key_number": "B", **LOST})]

    def test_what_stays_as_it_was_is_not_told(self, vendor: Vendor) -> None:
        found = {**self.key(vendor, "A"), **self.key(vendor, "B", OTHER)}

        assert list(key_events(found, found)) == []

    def test_a_key_comes_breaks_is_mended_and_goes(self, vendor: Vendor) -> None:
        works, broken = self.key(vendor), self.key(vendor, problem=OTHER)
        looks = [{}, works, broken, works, {}]
        told = [list(key_events(before, after)) for before, after in itertools.pairwise(looks)]

        attached = ("key_attached", {"key_number": "A", "product": "retail"})
        assert told == [
            [attached],
            [("key_lost", {"key_number": "A", **LOST})],
            [attached],
            [("key_lost", {"key_number": "A", "reason": "its file is gone", "remark": "file_gone"})],
        ]

    def test_a_key_that_comes_and_does_not_work_is_lost(self, vendor: Vendor) -> None:
        lost = ("key_lost", {"key_number": "A", **LOST})

        assert list(key_events({}, self.key(vendor, problem=OTHER))) == [lost]

    def test_a_new_license_of_a_key_is_a_change(self, vendor: Vendor) -> None:
        changed = ("key_changed", {"key_number": "A", "changes": "license"})

        assert list(key_events(self.key(vendor), self.key(vendor))) == [changed]


def test_a_grant_goes_on_as_before_when_the_clock_jumps(post: Post, key: OwnKey) -> None:
    async def work() -> dict[str, str]:
        anna = Instance(post.office)
        await anna.take()
        for hours in (48, -96):
            post.office.now += hours * 3600
            post.look()
            await post.office.desk.tick()
            await anna.renew()
        return post.office.on_disk()

    assert list(asyncio.run(work()).values()) == ["active"]


@pytest.mark.parametrize(("days", "problem"), [(31, False), (29, True), (-1, True)])
def test_a_certificate_that_ends_soon_is_an_alarm(post: Post, days: int, problem: bool) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    post.configuration.certificate = ServerCertificate(context, "00", NOW + days * DAY)

    assert post.look() == ([("certificate_expiring", "")] if problem else [])
    post.configuration.certificate = None
    assert post.look() == []
