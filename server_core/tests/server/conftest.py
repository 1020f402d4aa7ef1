# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the server's tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from licserver.center.catalog import apply_catalog
from licserver.center.foundation import initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.settings import Settings
from licserver.server.activate import ActivationOrder
from licserver.server.run import LicenseServer
from server_core.tests.center.helpers import ACT
from server_core.tests.helpers import KEY, NOW, OwnKey, Vendor
from server_core.tests.running import ServerThread
from server_core.tests.server.branch import CATALOG, Branch
from server_core.tests.server.center_page import Center
from server_core.tests.server.helpers import Clock, Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A desk without keys on a real ledger."""
    made = Office(tmp_path / "leases.sqlite")
    yield made
    made.ledger.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of every server that is made from now on."""
    made, options = Clock(), LicenseServer.__init__.__kwdefaults__
    assert options is not None
    monkeypatch.setitem(options, "moment", made)
    return made


@pytest.fixture
def key(vendor: Vendor, office: Office) -> OwnKey:
    """An attached key with two licenses."""
    made = OwnKey.of(vendor)
    office.attach(made)
    return made


@pytest.fixture
def center(vendor: Vendor) -> Iterator[Center]:
    made = Center(vendor)
    thread = Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


@pytest.fixture
def order(center: Center) -> ActivationOrder:
    return ActivationOrder(key_number=KEY, pin="1111-1111", kit=center.kit)


@pytest.fixture
def branch(tmp_path: Path, center: Center, make_server: Callable[..., ServerThread]) -> Iterator[Branch]:
    directory = tmp_path / "center"
    settings = Settings(name="Vendor", url="https://127.0.0.1:15443")
    initialize(directory, settings, None, now=NOW)
    with open_center(directory) as made:
        with made.database.writing() as connection:
            apply_catalog(connection, CATALOG, pepper=made.authority.pepper, act=ACT)
        kit = msgspec.structs.replace(made.authority.kit(settings), center_url=center.url, center_ca=None)
        issuer = Issuer(made.database, made.authority, "Vendor")
        yield Branch(make_server().start(), center, issuer, msgspec.to_builtins(kit), made.authority.vendor)
