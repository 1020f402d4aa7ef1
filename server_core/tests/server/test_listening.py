# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sockets of the server: a taken port is one clear message."""

import errno
import socket

import pytest

from licserver.server.listening import ListenError, bind_discovery, bind_tcp, give_up_others
from licserver.system import this_system
from server_core.tests.portable import posix_only, socket_words
from server_core.tests.running import free_ports, loopback_address

broadcast_sockets = posix_only("the socket of an address hears the broadcasts of its network; there is no other")


@pytest.fixture
def address() -> str:
    return loopback_address()


def hearing(monkeypatch: pytest.MonkeyPatch, *networks: tuple[str, str]) -> None:
    """Have the computer be in networks with these own and broadcast addresses."""
    monkeypatch.setattr(type(this_system()), "broadcast_addresses", lambda _: list(networks))


def test_a_taken_license_port_is_named_with_what_to_do(address: str) -> None:
    with socket.create_server((address, 15200)), pytest.raises(ListenError) as refused:
        bind_tcp("the license port", address, 15200, "port", [])

    assert refused.value.code == "port_unavailable"
    assert str(refused.value) == (
        f"the license port cannot listen on {address} port 15200: {socket_words(errno.EADDRINUSE)}. "
        "Stop the program that holds it, or change port in the ini"
    )


@posix_only("every account may have every port")
def test_a_port_that_is_not_for_the_server_is_told_apart_from_a_taken_one(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def refuse(*asked: object) -> socket.socket:  # in a container every account may have every port
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("licserver.server.listening._bind", refuse)
    with pytest.raises(ListenError) as refused:
        bind_tcp("the web page", address, 80, "WebPort", [])

    assert refused.value.code == "port_forbidden"
    assert str(refused.value) == (
        f"the web page cannot listen on {address} port 80: the server has no right to this port. "
        "Change WebPort in the ini to a port that is for every account, such as one from 1024 on"
    )


def test_a_taken_discovery_port_is_named(address: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((address, 15200))
        with pytest.raises(ListenError, match=rf"discovery \(UDP\) cannot listen on {address} port 15200"):
            bind_discovery(address, 15200)


def test_an_address_of_another_computer_is_named() -> None:
    with pytest.raises(ListenError, match=rf"203\.0\.113\.9 port 15200: {socket_words(errno.EADDRNOTAVAIL)}"):
        bind_tcp("the license port", "203.0.113.9", 15200, "port", [])


def test_a_port_that_was_just_given_free_can_be_taken_at_once(address: str) -> None:
    with bind_tcp("it", address, 15200, "port", []) as first:
        first.listen()
        with socket.create_connection((address, 15200)):
            first.accept()[0].close()

    bind_tcp("it", address, 15200, "port", []).close()


def test_every_address_is_heard_with_an_empty_one() -> None:
    with bind_tcp("it", "", 0, "port", []) as bound:
        bound.listen()

        socket.create_connection(("127.0.0.1", bound.getsockname()[1])).close()


@pytest.mark.parametrize("address", ["", "127.0.0.1"])
def test_a_socket_is_bound_and_does_not_listen_yet(address: str) -> None:
    with bind_tcp("it", address, 0, "port", []) as bound, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", bound.getsockname()[1]))


def test_without_ipv6_every_address_is_that_of_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "has_dualstack_ipv6", lambda: False)

    with bind_tcp("it", "", 0, "port", []) as bound:
        assert bound.family == socket.AF_INET


@broadcast_sockets
def test_a_server_of_one_network_hears_its_broadcasts(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    hearing(monkeypatch, (address, "127.255.255.254"), ("192.0.2.5", "192.0.2.255"))

    bound = bind_discovery(address, 0)

    assert [one.getsockname()[0] for one in bound] == [address, "127.255.255.254"]
    for one in bound:
        one.close()


@broadcast_sockets
def test_when_one_socket_cannot_be_bound_none_stays_open(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    hearing(monkeypatch, (address, "203.0.113.9"))
    with pytest.raises(ListenError):
        bind_discovery(address, 15200)

    for bound in bind_discovery(loopback_address(), 15200):
        bound.close()
    hearing(monkeypatch)
    for bound in bind_discovery(address, 15200):
        bound.close()


@posix_only("no service manager opens sockets for a server")
class TestPassedSockets:
    def test_the_one_that_is_the_same_is_used(self, address: str) -> None:
        with socket.create_server((address, 15200)) as passed, socket.create_server((address, 15201)) as other:
            left = [other, passed]

            assert bind_tcp("the license port", address, 15200, "port", left) is passed
            assert left == [other]

    def test_a_socket_of_every_address_is_the_same_as_an_empty_one(self) -> None:
        with bind_tcp("it", "", 0, "port", []) as passed:
            assert bind_tcp("it", "", passed.getsockname()[1], "port", [passed]) is passed

    def test_one_that_the_ini_does_not_ask_for_is_closed_and_named(
        self, address: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        with (
            socket.create_server((address, 15300)) as other_port,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
            socket.socket(socket.AF_UNIX) as local,
        ):
            datagrams.bind((address, 15200))
            left = [other_port, datagrams, local]

            give_up_others(left, address, (15200, 15201))

            assert left == []
            assert [one.fileno() for one in (other_port, datagrams, local)] == [-1, -1, -1]
        assert f"a socket on {address} port 15300, which the ini does not ask for" in caplog.text

    @posix_only("no service manager passes sockets")
    def test_one_of_an_address_makes_way_for_all_addresses_and_can_come_back(self) -> None:
        port, _ = free_ports()
        with socket.create_server(("127.0.0.1", port)) as kept_by_manager:
            give_up_others([kept_by_manager.dup()], "", (port,))

            with bind_tcp("it", "", port, "port", []) as everywhere:
                everywhere.listen()
                with socket.create_connection(("127.0.0.1", port)):
                    pass
            same = bind_tcp("it", "127.0.0.1", port, "port", [kept_by_manager])
            same.listen()
            with socket.create_connection(("127.0.0.1", port)):
                assert same is kept_by_manager

    @pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this computer has no IPv6")
    def test_a_socket_of_ipv6_alone_is_not_one_of_every_address(self) -> None:
        with socket.socket(socket.AF_INET6) as passed:
            passed.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            passed.bind(("::", 0))

            with pytest.raises(ListenError):
                bind_tcp("it", "", passed.getsockname()[1], "port", [passed])
