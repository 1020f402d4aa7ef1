# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that are cut at both ends and inside of every message: the same command finishes it, for one PIN."""

import contextlib
import http.client
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from licserver.activation import ActivationError
from licserver.armor import dearmor
from licserver.cli._elsewhere import AnotherComputer
from licserver.cli._server import ask_server
from licserver.documents import DocumentError
from licserver.errors import LicensingError
from licserver.ini_text import seal_credential
from server_core.tests.faults.proxy import Cut, Proxy, proxy_to
from server_core.tests.faults.site import PIN, RealCenter, Site
from server_core.tests.running import DEADLINE_SECONDS, WEB_PORT, ServerThread

Command = Callable[[Site, str], object]


@pytest.mark.parametrize("command", [Site.activate, Site.activate_pack], ids=["key", "pack"])
def test_between_server_and_center(center: RealCenter, tmp_path: Path, command: Command) -> None:
    with proxy_to(center.place) as proxy:
        site = Site(tmp_path, center)
        site.center_url = proxy.url
        finished: list[Cut | None] = []
        codes = set()
        for cut in [None, *cuts_of(site, command, proxy)]:
            number = ready(site, command)
            proxy.cut = cut
            try:
                command(site, number)
                finished.append(cut)
            except (ActivationError, DocumentError) as error:
                codes.add(error.code)
            proxy.cut = None
            command(site, number)

            assert center.spent(number) == (1, command is Site.activate_pack), cut
            assert site.state_of(number)[::2] == ("active", 0), cut
        assert (finished, codes) == ([None], {"center_unreachable", "bad_document"})
        site.server.close()


def cuts_of(site: Site, command: Command, proxy: Proxy) -> list[Cut]:
    """Where the connection of a command can be cut, after one that was not."""
    command(site, ready(site, command))
    return list(proxy.places())


def ready(site: Site, command: Command) -> str:
    """The number of a new key, activated if a pack is wanted for it."""
    number = site.center.sell()
    if command is Site.activate_pack:
        site.activate(number)
    return number


def test_between_command_and_server(center: RealCenter, make_server: Callable[..., ServerThread]) -> None:
    credentials = {"user": seal_credential("anna"), "password": seal_credential("1")}
    server = make_server("branch", **credentials).start()
    with proxy_to((server.address, WEB_PORT)) as proxy:

        def activate(number: str) -> bool:
            there = AnotherComputer("127.0.0.1", proxy.port, None, "Basic YW5uYTox")
            order = {"key_number": number, "pin": PIN, "kit": center.kit}
            return bool(ask_server(there, "POST", "/activations", order, field="key")["changed"])

        assert activate(center.sell())
        for cut in list(proxy.places()):
            number = center.sell()
            proxy.cut = cut
            with pytest.raises(LicensingError, match="does not answer"):
                activate(number)
            proxy.cut = None
            activate(number)

            assert center.spent(number) == (1, False), cut


def test_between_whoever_carries_a_request_and_the_center(center: RealCenter, tmp_path: Path) -> None:
    with proxy_to(center.place) as proxy:
        site = Site(tmp_path, center)

        def exchange(request: str) -> bytes:
            connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=DEADLINE_SECONDS)
            with contextlib.closing(connection):
                connection.request("POST", "/api/v1/activations", dearmor(request)["REQUEST"])
                return connection.getresponse().read()

        exchange(site.request(center.sell()))
        for cut in list(proxy.places()):
            number = center.sell()
            request = site.request(number)
            proxy.cut = cut
            try:
                lost = exchange(request)
            except (OSError, http.client.HTTPException):
                lost = b""
            proxy.cut = None
            answer = exchange(request)

            assert answer.startswith(lost) or json.loads(lost)["error"], cut
            site.load(center.answer(request))
            assert center.spent(number) == (1, False), cut
        site.server.close()
