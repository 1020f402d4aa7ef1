# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The protection component with a real server: find it, hold a license, say why not."""

import getpass
import os
import socket
from collections.abc import Callable
from typing import Any

import pytest

from licserver.component import (
    ClientSettings,
    ConnectionLostError,
    LicenseDeniedError,
    ProtectionComponent,
    ServerNotFoundError,
)
from licserver.documents import Counter
from licserver.system import this_system
from server_core.tests.helpers import KEY, PRODUCT, Computer, Vendor
from server_core.tests.running import ServerThread, free_ports, loopback_address


def component(vendor: Vendor, *servers: str, access_code: str | None = None, **who: Any) -> ProtectionComponent:
    settings = ClientSettings(servers=servers, access_code=access_code)
    return ProtectionComponent(PRODUCT, vendor.kit, settings=settings, **who)


def used(server: ServerThread) -> int:
    return len(server.server.desk.book.leases)


class TestHold:
    def test_a_license_is_held_and_given_back(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, server.address).acquire() as license:
            held = used(server)
            assert (license.key_number, str(license.server)) == (KEY, f"{server.address} port 15200")

        assert (held, used(server)) == (1, 0)

    def test_it_is_given_back_also_when_the_product_fails(self, server: ServerThread, vendor: Vendor) -> None:
        with pytest.raises(ZeroDivisionError), component(vendor, server.address).acquire():
            raise ZeroDivisionError

        assert used(server) == 0

    def test_it_is_given_back_over_a_new_connection_where_the_old_one_broke(
        self, server: ServerThread, vendor: Vendor
    ) -> None:
        license = component(vendor, server.address).acquire()
        license._loan._connection._socket.close()

        license.release()

        assert used(server) == 0

    def test_the_time_left_begins_anew_with_each_renewal(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, server.address).acquire() as license:
            at_first = license.seconds_left
            license._loan._active_until -= 500
            later = license.seconds_left
            license.renew()

            assert 590 < at_first <= 600
            assert later < 101
            assert license.seconds_left > 590

    def test_when_its_time_is_over_nothing_is_left(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, server.address).acquire() as license:
            license._loan._active_until -= 10_000

            assert license.seconds_left == 0

    def test_the_list_of_connections_shows_who_holds_it(self, server: ServerThread, vendor: Vendor) -> None:
        who: dict[str, Any] = {"user": "Анна", "computer": "касса-1", "session_number": 7, "rdp_session": 3}
        with component(vendor, server.address, **who).acquire():
            (shown,) = server.server.reports.connections()

        assert {name: shown[name] for name in who} == who

    def test_without_a_name_the_process_and_its_computer_hold_it(self, vendor: Vendor) -> None:
        holder = component(vendor, "x").holder

        assert (holder.user, holder.computer) == (getpass.getuser(), socket.gethostname())

    def test_a_user_without_an_account_is_known_by_his_number(
        self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def unknown() -> str:
            raise KeyError("getpwuid(): uid not found")

        monkeypatch.setattr(getpass, "getuser", unknown)

        assert component(vendor).holder.user == (str(os.getuid()) if hasattr(os, "getuid") else "")

    def test_a_name_that_is_no_text_is_shown_as_far_as_it_is_one(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, server.address, user="an\udcffna\n").acquire():
            (lease,) = server.server.desk.book.leases.values()

        assert lease.holder.user == "an?na?"

    def test_every_instance_takes_its_own(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, server.address).acquire(), component(vendor, server.address).acquire():
            assert used(server) == 2


class TestRenew:
    def test_over_a_broken_connection_it_connects_again(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, server.address).acquire() as license:
            license._loan._connection._socket.shutdown(socket.SHUT_RDWR)

            license.renew()

            assert used(server) == 1

    def test_while_the_server_is_away_the_product_may_go_on(self, server: ServerThread, vendor: Vendor) -> None:
        license = component(vendor, server.address).acquire()
        server.stop()

        with pytest.raises(ConnectionLostError, match="nothing listens there"):
            license.renew()

        assert license.seconds_left > 590
        server.start()
        license.renew()
        license.release()
        assert used(server) == 0

    def test_after_a_release_by_an_administrator_another_license_is_taken(
        self, server: ServerThread, vendor: Vendor
    ) -> None:
        with component(vendor, server.address).acquire() as license:
            before = license.lease
            server.call(server.server.desk.release([before]))

            license.renew()

            assert license.lease != before
            assert used(server) == 1

    def test_when_there_is_no_other_it_is_told(self, server: ServerThread, vendor: Vendor) -> None:
        license = component(vendor, server.address).acquire()
        server.call(server.server.desk.release([license.lease]))
        with component(vendor, server.address).acquire(), component(vendor, server.address).acquire():
            with pytest.raises(LicenseDeniedError) as error:
                license.renew()
            license.release()

        assert error.value.code == "no_free_license"

    def test_when_its_key_is_gone_another_one_serves(
        self, server: ServerThread, vendor: Vendor, computer: Computer
    ) -> None:
        with component(vendor, server.address).acquire() as license:
            vendor.install(server.state, computer, "100-0002")
            (this_system().key_folder(server.state) / f"{KEY}.dongle").unlink()
            server.call(server.server.keys.load())

            license.renew()

            assert license.key_number == "100-0002"

    def test_a_release_while_the_server_is_away_is_no_error(self, server: ServerThread, vendor: Vendor) -> None:
        license = component(vendor, server.address).acquire()
        server.stop()

        license.release()
        license.release()


@pytest.fixture
def local(
    request: pytest.FixtureRequest,
    make_server: Callable[..., ServerThread],
    vendor: Vendor,
    computer: Computer,
    monkeypatch: pytest.MonkeyPatch,
) -> ServerThread:
    """A running server on 127.0.0.1 itself, or another address of the kind, on ports of its own so that it disturbs no
    other there."""
    ports = free_ports()
    for name in ("licserver.server.run.DISCOVERY_PORT", "licserver.component.find.DISCOVERY_PORT"):
        monkeypatch.setattr(name, ports[0])
    monkeypatch.setattr("licserver.component.find.DEFAULT_PORT", ports[0])
    made = make_server(port=ports[0], WebPort=ports[1], BindAddress=getattr(request, "param", "127.0.0.1"))
    vendor.install(made.state, computer)
    return made.start()


class TestDenied:
    def test_a_full_server_says_so(self, server: ServerThread, vendor: Vendor) -> None:
        asking = component(vendor, server.address)
        with (
            component(vendor, server.address).acquire(),
            component(vendor, server.address).acquire(),
            pytest.raises(LicenseDeniedError, match="all 2 licenses for the product retail are in use") as error,
        ):
            asking.acquire()

        assert error.value.code == "no_free_license"
        assert error.value.hint

    def test_another_product_is_not_served(self, server: ServerThread, vendor: Vendor) -> None:
        other = ProtectionComponent("other", vendor.kit, settings=ClientSettings(servers=(server.address,)))

        with pytest.raises(LicenseDeniedError, match="no protection key on this server serves the product other"):
            other.acquire()

    def test_a_counter_can_be_asked_for(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        made = make_server()
        counters = (Counter(name="main", type="session", limit=1), Counter(name="users", type="user", limit=1))
        vendor.install(made.state, computer, KEY, *counters)
        made.start()

        with component(vendor, made.address, counter="users").acquire() as license:
            assert license.trusted.grant.counter == "users"
        with pytest.raises(LicenseDeniedError, match="with the counter office"):
            component(vendor, made.address, counter="office").acquire()

    @pytest.mark.parametrize(("given", "served"), [("код", True), ("Код", False), (None, False)])
    def test_only_the_right_access_code_is_served(
        self,
        make_server: Callable[..., ServerThread],
        vendor: Vendor,
        computer: Computer,
        given: str | None,
        served: bool,
    ) -> None:
        made = make_server()
        vendor.install(made.state, computer)
        made.start()
        made.call(made.server.keys.set_options(KEY, {"access_code": "код"}))
        asking = component(vendor, made.address, access_code=given)

        if served:
            asking.acquire().release()
        else:
            with pytest.raises(LicenseDeniedError, match="check the client's access code") as error:
                asking.acquire()
            assert error.value.code == "no_key"


class TestWhere:
    def test_local_is_the_server_on_this_computer(self, local: ServerThread, vendor: Vendor) -> None:
        with component(vendor, "*LOCAL").acquire() as license:
            assert license.server.host == "127.0.0.1"

    @pytest.mark.parametrize("local", ["::1"], indirect=True)
    def test_an_address_may_be_one_of_ipv6(self, local: ServerThread, vendor: Vendor) -> None:
        with component(vendor, f"[::1]:{local.settings.port}").acquire() as license:
            license.renew()
            assert license.server.host == "::1"

    def test_auto_finds_the_server_that_answers(self, local: ServerThread, vendor: Vendor) -> None:
        with component(vendor, "*AUTO").acquire() as license:
            assert license.server.session_public == local.server.desk.sessions.session_public

    def test_addresses_are_tried_in_their_order(
        self, server: ServerThread, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> None:
        second = make_server("second")
        vendor.install(second.state, computer, "100-0002")
        second.start()

        with component(vendor, server.address, second.address).acquire() as license:
            assert license.server.host == server.address

    def test_a_server_that_is_away_is_passed_over(self, server: ServerThread, vendor: Vendor) -> None:
        with component(vendor, loopback_address(), server.address).acquire() as license:
            assert license.server.host == server.address

    def test_a_refusal_is_an_answer_and_nobody_else_is_asked(
        self, server: ServerThread, make_server: Callable[..., ServerThread], vendor: Vendor
    ) -> None:
        empty = make_server("empty").start()

        with pytest.raises(LicenseDeniedError):
            component(vendor, empty.address, server.address).acquire()

    def test_when_nobody_answers_every_attempt_is_told(self, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("licserver.component.find.search", lambda _: iter(()))
        away = loopback_address()

        with pytest.raises(ServerNotFoundError) as error:
            component(vendor, "*AUTO", away, "name.invalid").acquire()

        assert error.value.attempts == (
            "*AUTO: no server answered the search",
            f"{away} port 15200: nothing listens there; the license server may be stopped, or Local=1 keeps the "
            "network out",
            "name.invalid port 15200: the name is not known",
        )
        assert "`licctl doctor` looks for the cause" in str(error.value)
