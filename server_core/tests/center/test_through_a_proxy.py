# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""License servers that reach the center through a proxy only, which alone knows its name."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

import pytest

from licserver.activation import ActivationError
from licserver.center.catalog import Catalog, CatalogKey, apply_catalog
from licserver.center.foundation import initialize, open_center
from licserver.center.settings import Settings
from licserver.documents import License, open_sealed
from licserver.kit import Kit
from licserver.server.center_client import ask_center
from server_core.tests.center.helpers import ACT, KEY, PINS, RETAIL, make_request
from server_core.tests.center.running import serving

URL = "https://center.invalid:15443"


class Proxy(ThreadingTCPServer):
    """Connects whoever asks for the center with it (RFC 9110, section 9.3.6).

    :ivar asked: the first line of everything that was asked.
    """

    daemon_threads = True

    def __init__(self, center: tuple[str, int]) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.center = center
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(StreamRequestHandler):
    server: Proxy

    def handle(self) -> None:
        self.server.asked.append(self.rfile.readline().decode().strip())
        while self.rfile.readline().strip():
            pass
        if not self.server.asked[-1].startswith(f"CONNECT {urlsplit(URL).netloc} "):
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(self.server.center) as center:
            self.wfile.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=_pass_on, args=(center, self.connection))
            back.start()
            _pass_on(self.connection, center)
            back.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    while data := source.recv(65536):
        target.sendall(data)
    target.shutdown(socket.SHUT_WR)


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """Of a center that sells one key."""
    settings = Settings(name="Vendor", url=URL)
    initialize(tmp_path, settings, None, now=int(time.time()))  # its certificate is good from then on
    with open_center(tmp_path) as center:
        with center.database.writing() as connection:
            catalog = Catalog(products=(RETAIL,), keys=(CatalogKey(key_number=KEY, product="retail", pins=PINS),))
            apply_catalog(connection, catalog, pepper=center.authority.pepper, act=ACT)
        return center.authority.kit(settings, {})


@pytest.fixture
def proxy(tmp_path: Path, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The only way to the center, named as the service's environment names it."""
    with serving(tmp_path) as running:
        place = urlsplit(running.url())
        with Proxy((str(place.hostname), place.port or 0)) as proxy:
            threading.Thread(target=proxy.serve_forever, daemon=True).start()
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            monkeypatch.setenv("NO_PROXY", "")
            yield proxy
            proxy.shutdown()


def test_a_server_asks_the_center_through_the_proxy_of_its_environment(kit: Kit, proxy: Proxy) -> None:
    request = make_request(kit.exchange_public(), PINS[0])

    answer = asyncio.run(ask_center(kit.center_url, request, kit.center_ca))

    license = open_sealed(answer, License, kit.vendor_public(kit.vendor_keys[0].kid))
    assert license.key_number == KEY
    assert proxy.asked == ["CONNECT center.invalid:15443 HTTP/1.1"]


def test_behind_a_proxy_too_only_the_centers_own_authority_is_believed(kit: Kit, proxy: Proxy) -> None:
    with pytest.raises(ActivationError) as refused:
        asyncio.run(ask_center(kit.center_url, make_request(kit.exchange_public(), PINS[0]), None))

    assert (refused.value.code, "certificate verify failed" in refused.value.message) == ("center_unreachable", True)


def test_a_proxy_that_refuses_is_no_answer(kit: Kit, proxy: Proxy) -> None:
    with pytest.raises(ActivationError) as refused:
        asyncio.run(ask_center("https://elsewhere.invalid", "request", kit.center_ca))

    assert (refused.value.code, "403" in refused.value.message) == ("center_unreachable", True)
