# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""License servers and a real center that answers them, for whoever wants to interrupt them anywhere."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import msgspec

from licserver.activation.carried import write_answer
from licserver.armor import dearmor
from licserver.center.answering import KeyRecord
from licserver.center.authority import Authority
from licserver.center.catalog import Catalog, CatalogKey, CatalogPack, apply_catalog
from licserver.center.database import Database
from licserver.center.foundation import initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.pack_registry import is_used
from licserver.center.phone import PhoneCall, PhoneSecrets
from licserver.center.registry import Product, key_activations
from licserver.center.settings import Settings
from licserver.documents import Counter, Raise, seal
from licserver.sealing import X25519PrivateKey
from licserver.seats.book import Wish
from licserver.server.activate import read_order
from licserver.server.packs import PackOrder
from licserver.server.run import LicenseServer
from server_core.tests.center.helpers import ACT, DESK, SERVER
from server_core.tests.helpers import NOW, PRODUCT, Vendor, holder
from server_core.tests.running import write_ini
from server_core.tests.server.center_page import Center

PIN, PASSWORD = "1111-1111", "abcd-1234"
SESSIONS = Counter(name="main", type="session", limit=2)
RETAIL = Product(product=PRODUCT, name="Retail 8", counters=(SESSIONS,), pins=1, phone=True)


@dataclass
class RealCenter:
    """A center with its database, behind a page: sells as many keys and packs as are wanted, each with one PIN.

    :ivar place: where the page listens.
    """

    database: Database
    authority: Authority
    issuer: Issuer
    kit: dict[str, Any]
    place: tuple[str, int]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))
    _kits: dict[str, dict[str, Any]] = field(default_factory=dict)

    def sell(self) -> str:
        """The number of a new key; the pack for it has the same id."""
        number = f"100-{next(self._numbers):05}"
        pack = CatalogPack(pack=number, product=PRODUCT, raises=(Raise(counter="main", licenses=3),), password=PASSWORD)
        key = CatalogKey(key_number=number, product=PRODUCT, pins=(PIN,))
        catalog = Catalog(products=(RETAIL,), keys=(key,), packs=(pack,))
        with self.database.writing() as connection:
            apply_catalog(connection, catalog, pepper=self.authority.pepper, act=ACT)
        return number

    def answer(self, request_file: str) -> str:
        """The answer file to a request file."""
        return write_answer(self.issuer.answer(dearmor(request_file)["REQUEST"], SERVER))

    def call(self, number: str, code: str) -> str:
        """What the desk answers on the telephone to the code of a request."""
        return self.issuer.answer_phone(PhoneCall(key_number=number, pin=PIN, code=code), DESK)

    def kit_of(self, number: str) -> dict[str, Any]:
        """The kit with the ticket of a key; it takes a while to make one."""
        if number in self._kits:
            return self._kits[number]
        record = KeyRecord(number, PRODUCT, RETAIL.name, RETAIL.counters, "pins", None, 1, "", True, RETAIL.pins)
        sign = partial(seal, signer=self.authority.vendor)
        ticket = PhoneSecrets(self.authority.pepper).kit_ticket(record, "Vendor", sign)
        self._kits[number] = {**self.kit, "tickets": {number: msgspec.to_builtins(ticket)}}
        return self._kits[number]

    def spent(self, number: str) -> tuple[int, bool]:
        """How many PINs of a key are spent, and whether its pack is."""
        with self.database.reading() as connection:
            return len(key_activations(connection, number)), is_used(connection, number)


@contextmanager
def real_center(folder: Path) -> Iterator[RealCenter]:
    """A center for as long as it is used."""
    settings, page = Settings(name="Vendor", url="https://127.0.0.1:15443"), Center(Vendor())
    initialize(folder, settings, None, now=NOW)
    thread = Thread(target=page.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        with open_center(folder) as made:
            kit = msgspec.structs.replace(made.authority.kit(settings), center_url=page.url, center_ca=None)
            issuer = Issuer(made.database, made.authority, "Vendor")
            page.answer = page.issued_by(issuer)
            place = ("127.0.0.1", page.http.server_port)
            yield RealCenter(made.database, made.authority, issuer, msgspec.to_builtins(kit), place)
    finally:
        page.http.shutdown()
        page.http.server_close()
        thread.join()


class Site:
    """A license server without ports, which a test starts anew after every crash.

    :ivar center_url: in place of the address in the kit.
    """

    def __init__(self, folder: Path, center: RealCenter) -> None:
        self.center = center
        self.center_url: str | None = None
        self._state = folder / "state"
        self._state.mkdir(mode=0o700)
        self._ini = write_ini(folder / "licserver.ini", "127.0.0.1")
        self._holder = holder(X25519PrivateKey.generate())
        self.start()

    def start(self) -> None:
        self.server = LicenseServer(self._ini, self._state)
        self._run(self.server.keys.load)

    def crash(self) -> None:
        """What is in memory is lost; what is on disk stays as it is."""
        self.server.close()
        self.start()

    def activate(self, number: str) -> Any:
        return self._run(lambda: self.server.activations.activate(read_order(self._order(number))))

    def request(self, number: str) -> str:
        """The request file for a key."""
        answer = self._run(lambda: self.server.activations.request(self._order(number)))
        return str(answer["request"]["text"])

    def request_by_phone(self, number: str) -> str:
        """The code to tell the desk."""
        order = self._order(number) | {"kit": self.center.kit_of(number)}
        return str(self._run(lambda: self.server.activations.request(order))["request"]["phone"]["code"])

    def load_by_phone(self, number: str, blocks: str) -> Any:
        return self._run(lambda: self.server.activations.load_by_phone(number, blocks))

    def load(self, answer: str) -> Any:
        return self._run(lambda: self.server.activations.load(answer))

    def activate_pack(self, number: str) -> Any:
        self._work()
        order = PackOrder(key_number=number, pack=number, password=PASSWORD, center_url=self.center_url)
        return self._run(lambda: self.server.activations.activate_pack(order))

    def request_pack(self, number: str) -> str:
        """The request file for the pack of a key."""
        self._work()
        order = {"key_number": number, "pack": number, "password": PASSWORD}
        return str(self._run(lambda: self.server.activations.request(order))["request"]["text"])

    def state_of(self, number: str) -> tuple[str, int, int]:
        """Whether a key works, how many licenses it has, and how many requests wait for an answer."""
        (found,) = (key for key in self.server.reports.keys() if key["key_number"] == number)  # noqa: SIM118 - no mapping
        return found["state"], found["counters"][0]["limit"], len(self.server.activations.requests()["requests"])

    def _work(self) -> None:
        """Have the product run and hold a license."""
        desk = self.server.desk
        asyncio.run(desk.tick())
        desk.book.login(Wish(PRODUCT, self._holder), now=desk._ledger.now(), clock=NOW)

    def _order(self, number: str) -> dict[str, Any]:
        return order_of(self.center, number) | {"center_url": self.center_url}

    def _run(self, command: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return asyncio.run(command())


def order_of(center: RealCenter, number: str) -> dict[str, Any]:
    """What an administrator says to have a key."""
    return {"key_number": number, "pin": PIN, "kit": center.kit}


class Step(NamedTuple):
    """A command of an administrator.

    :ivar act: carries it out on a site for a key, with what was brought there.
    :ivar bring: what has to be brought; that is done elsewhere, and not interrupted.
    """

    act: Callable[[Any, str, str], object]
    bring: Callable[[Any, str], str] = lambda site, number: ""


WAYS: dict[str, tuple[Step, ...]] = {
    "key online": (Step(lambda site, number, _: site.activate(number)),),
    "key by file": (
        Step(lambda site, number, _: site.request(number)),
        Step(
            lambda site, _, answer: site.load(answer),
            lambda site, number: site.center.answer(site.request(number)),
        ),
    ),
    "key by phone": (
        Step(lambda site, number, _: site.request_by_phone(number)),
        Step(
            lambda site, number, blocks: site.load_by_phone(number, blocks),
            lambda site, number: site.center.call(number, site.request_by_phone(number)),
        ),
    ),
    "pack online": (
        Step(lambda site, number, _: site.activate(number)),
        Step(lambda site, number, _: site.activate_pack(number)),
    ),
    "pack by file": (
        Step(lambda site, number, _: site.activate(number)),
        Step(lambda site, number, _: site.request_pack(number)),
        Step(
            lambda site, _, answer: site.load(answer),
            lambda site, number: site.center.answer(site.request_pack(number)),
        ),
    ),
}
"""The ways to a key or a pack, as the commands that are carried out one after the other."""
