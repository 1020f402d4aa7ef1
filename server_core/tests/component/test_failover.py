# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several servers in order: the next one while the first is away, and back. docs/specification.md, section 4."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from licserver.component import ClientSettings, ConnectionLostError, HeldLicense, ProtectionComponent
from licserver.component.transport import Address
from licserver.system import this_system
from licserver.wire.conversation import encode
from licserver.wire.messages import Failed
from server_core.tests.component.helpers import serving
from server_core.tests.helpers import PRODUCT, Computer, Vendor
from server_core.tests.portable import not_under_wine
from server_core.tests.processes import ServerProcess, server_process
from server_core.tests.running import ServerThread, http_request, loopback_address


def used(server: ServerThread) -> int:
    return len(server.server.desk.book.leases)


def shown(server: ServerProcess) -> int:
    """How many licenses a server lists as taken."""
    status, answer = http_request(server.address, "GET", "/api/v1/connections")
    assert status == 200, answer
    return len(answer["connections"])


def acquire(vendor: Vendor, *servers: str) -> HeldLicense:
    return ProtectionComponent(PRODUCT, vendor.kit, settings=ClientSettings(servers)).acquire()


def let_pass(license: HeldLicense, seconds: float) -> None:
    """As if so much time were over for the client."""
    license._loan._active_until -= seconds
    license._return_at -= seconds


@pytest.fixture
def second(make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer) -> ServerThread:
    """Another running server, with a key of its own."""
    made = make_server("second")
    vendor.install(made.state, computer, "100-0002")
    return made.start()


@pytest.fixture
def processes(tmp_path: Path, vendor: Vendor) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    """Two real server processes, each with a key of its own."""
    folders = tmp_path / "one", tmp_path / "two"
    for folder, number in zip(folders, ("100-0001", "100-0002"), strict=True):
        vendor.install(folder / "state", this_system().fact_reader(), number)
        (folder / "state").chmod(0o700)
    with server_process(folders[0]) as one, server_process(folders[1]) as two:
        yield one.start(), two.start()


@not_under_wine("two programs cannot have one UDP port, each on an address of its own")
def test_a_server_that_was_killed_is_replaced_and_returned_to_and_nothing_stays_taken(
    processes: tuple[ServerProcess, ServerProcess], vendor: Vendor
) -> None:
    one, two = processes
    license = acquire(vendor, one.address, two.address)
    at_first = shown(one), shown(two)

    one.kill()
    let_pass(license, 400)
    license.renew()
    while_away = license.key_number, shown(two)

    one.start()
    kept = shown(one), shown(two)
    let_pass(license, 61)
    license.renew()
    back = license.key_number, shown(one), shown(two)

    license.release()
    assert at_first == (1, 0)
    assert while_away == ("100-0002", 1)
    assert kept == (1, 1)
    assert back == ("100-0001", 1, 0)
    assert (shown(one), shown(two)) == (0, 0)


def test_while_much_time_is_left_a_server_that_is_away_is_waited_for(
    server: ServerThread, second: ServerThread, vendor: Vendor
) -> None:
    license = acquire(vendor, server.address, second.address)
    server.stop()

    with pytest.raises(ConnectionLostError):
        license.renew()

    assert used(second) == 0
    server.start()
    license.renew()
    license.release()
    assert used(server) == 0


def test_the_way_back_leads_to_the_very_lease_that_was_left(
    server: ServerThread, second: ServerThread, vendor: Vendor
) -> None:
    license = acquire(vendor, server.address, second.address)
    before = license.lease
    server.stop()
    let_pass(license, 400)
    license.renew()
    server.start()
    let_pass(license, 61)

    license.renew()

    assert license.lease == before
    license.renew()  # and goes on counting where it was left
    license.release()


def test_the_way_back_is_tried_once_a_minute(server: ServerThread, second: ServerThread, vendor: Vendor) -> None:
    server.stop()
    license = acquire(vendor, server.address, second.address)
    server.start()
    license.renew()
    soon = license.server.host
    let_pass(license, 61)
    license.renew()

    assert (soon, license.server.host) == (second.address, server.address)
    assert (used(server), used(second)) == (1, 0)
    license.release()


def test_where_the_preferred_server_is_full_the_license_stays_where_it_is(
    server: ServerThread, second: ServerThread, vendor: Vendor
) -> None:
    server.stop()
    license = acquire(vendor, server.address, second.address)
    server.start()
    with acquire(vendor, server.address), acquire(vendor, server.address):
        let_pass(license, 61)
        license.renew()
        assert (license.server.host, used(second)) == (second.address, 1)

    license.release()
    assert used(second) == 0


def test_a_preferred_server_that_cannot_be_believed_is_not_asked_for_ever_to_keep_a_license(
    server: ServerThread, second: ServerThread, vendor: Vendor
) -> None:
    server.stop()
    license = acquire(vendor, server.address, second.address)
    server.start()
    server.server.desk._clock = lambda: time.time() + 3 * 86400
    kept_until = []
    for _ in range(2):
        let_pass(license, 61)
        license.renew()
        kept_until += [lease.state_ends for lease in server.server.desk.book.leases.values()]

    assert license.server.host == second.address
    assert kept_until[0] == kept_until[1]
    license.release()


def test_at_the_end_also_a_server_that_was_left_is_told(
    server: ServerThread, second: ServerThread, vendor: Vendor
) -> None:
    license = acquire(vendor, server.address, second.address)
    server.stop()
    let_pass(license, 400)
    license.renew()
    server.start()

    license.release()

    assert (used(server), used(second)) == (0, 0)


def test_when_no_other_server_lends_the_product_may_go_on_for_its_time(
    server: ServerThread, make_server: Callable[..., ServerThread], vendor: Vendor
) -> None:
    empty = make_server("empty").start()
    license = acquire(vendor, server.address, empty.address, loopback_address())
    server.stop()
    let_pass(license, 400)

    with pytest.raises(ConnectionLostError, match="and elsewhere: no protection key on this server serves"):
        license.renew()

    assert license.seconds_left > 100
    server.start()
    license.renew()
    license.release()


def test_a_server_that_was_found_by_search_is_replaced_by_another_that_answers(
    server: ServerThread, second: ServerThread, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = [Address(one.address, one.settings.port) for one in (server, second)]
    monkeypatch.setattr("licserver.component.find.search", lambda _: iter(both))
    license = acquire(vendor, "*AUTO")
    server.stop()
    let_pass(license, 400)

    license.renew()

    assert license.server.host == second.address
    license.release()
    assert used(second) == 0


def test_a_server_of_another_version_does_not_keep_from_the_next_one(server: ServerThread, vendor: Vendor) -> None:
    refusal = Failed(id=1, code="unknown_version", message="this server speaks the versions [7] of the protocol")
    with serving(lambda _: encode(refusal)) as newer, acquire(vendor, newer, server.address) as license:
        assert license.server.host == server.address


def test_one_server_under_two_names_is_one_lease(server: ServerThread, vendor: Vendor) -> None:
    license = acquire(vendor, loopback_address(), server.address)
    component = license._component
    component.settings = ClientSettings((server.address, server.address))
    let_pass(license, 61)

    license.renew()

    assert used(server) == 1
    license.release()
    assert used(server) == 0
