# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures of every page of a license server with 10,000 connections: `make screenshots`.

All of them go to build/screenshots; those that stand in the documentation, to docs/images.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

from playwright.sync_api import Browser

from licserver.documents import Counter, Pack, Raise
from licserver.seats.holder import Holder
from licserver.seats.lease import Lease
from licserver.server.tokens import TokenOrder
from licserver.server.usage import SLOT_SECONDS, SLOTS, Slot
from licserver.system import this_system
from server_core.tests.browser import a_browser
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.running import WEB_PORT, ServerThread

ROOT = Path(__file__).resolve().parents[2]
CONNECTIONS = 10_000
PAGES: Mapping[str, str] = {
    "overview": "/",
    "connections": "/connections",
    "disconnect": "/connections/l00042/disconnect",
    "keys": "/keys",
    "key": "/keys/of/100-0001",
    "activate": "/activate",
    "functions": "/functions",
    "restart": "/functions/restart",
    "settings": "/settings",
    "tokens": "/settings/tokens",
    "events": "/events",
}
IN_DOCS = ("overview-en", "connections-ru-dark", "key-en")
VIEWS: Mapping[str, Mapping[str, object]] = {
    "": {"viewport": {"width": 1280, "height": 860}},
    "-dark": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "dark"},
    "-phone": {"viewport": {"width": 390, "height": 844}},
}
USERS = ("Анна Каренина", "П. Иванов", "М. Петрова", "J. Smith", "Сидоров", "О. Кузнецова", "Administrator")


@contextlib.contextmanager
def busy_server() -> Iterator[ServerThread]:
    """A server with four keys, of which one is broken and one expires, and 10,000 connections."""
    computer = Computer()
    reader = mock.patch.object(type(this_system()), "fact_reader", return_value=computer)
    with tempfile.TemporaryDirectory() as folder, reader:
        server, vendor, now = ServerThread(Path(folder)), Vendor("Vendor"), int(time.time())
        main = Counter(name="main", type="session", limit=CONNECTIONS + 1_500)
        month = {"issued_at": now - 30 * 24 * 3600}
        raises = (Raise(counter="main", licenses=1_500),)
        packs = (Pack(pack="P-2041", raises=raises, activated_at=now - 9 * 24 * 3600),)
        vendor.install(server.state, computer, "100-0001", main, product_name="Retail 8", packs=packs, **month)
        rooms = (Counter(name="desks", type="computer", limit=12), Counter(name="tills", type="terminal", limit=8))
        hotel = {"product": "hotel", "product_name": "Hotel 8", **month}
        vendor.install(server.state, computer, "200-0001", *rooms, **hotel)
        kitchen = {"product": "kitchen", "product_name": "Kitchen 8", **month}
        vendor.install(server.state, computer, "300-0001", rooms[0], expires_at=now + 12 * 24 * 3600, **kitchen)
        other = Computer({**computer.facts, "disk": "another"})
        vendor.install(server.state, other, "300-0002", rooms[0], **kitchen)
        server.start()
        try:
            server.call(_fill(server))
            yield server
        finally:
            server.stop()


async def _fill(server: ServerThread) -> None:
    desk, dice, now = server.server.desk, random.Random(1), int(time.time())
    for number in range(CONNECTIONS):
        kind = ("200-0001", "hotel", "desks", "computer") if number % 1_000 == 0 else None
        key, product, counter, counter_type = kind or ("100-0001", "retail", "main", "session")
        holder = Holder(
            user=dice.choice(USERS),
            computer=f"PC-{dice.randrange(2_000):04}",
            client_public=f"{number:043}",
            session_number=dice.randrange(1, 9_000),
            rdp_session=dice.choice((0, 0, dice.randrange(1, 60))),
        )
        lease = Lease(
            lease=f"l{number:05}",
            key_number=key,
            product=product,
            counter=counter,
            counter_type=counter_type,  # type: ignore[arg-type]
            holder=holder,
            state_ends=1e9,
            since=now - dice.randrange(9 * 3600),
            secret=bytes(32),
            seated=False,
            state=dice.choice(("active",) * 30 + ("blocked",)),
        )
        desk.book.restore(lease, 0.0)
    await server.server.keys.load()
    await server.server.tokens.add(TokenOrder("monitoring", "read", 365))
    slot = now // SLOT_SECONDS * SLOT_SECONDS
    for product, total in (("retail", CONNECTIONS + 1_500), ("hotel", 20), ("kitchen", 12)):
        server.server.usage.usage.slots[product] = [
            Slot(at, int(total * dice.uniform(0.7, 0.9) * _share_of_day(at)), total)
            for at in range(slot - (SLOTS - 1) * SLOT_SECONDS, slot, SLOT_SECONDS)
        ]


def _share_of_day(at: int) -> float:
    hour = time.gmtime(at).tm_hour
    return 1.0 if 6 <= hour < 17 else 0.55 if 5 <= hour < 20 else 0.08


def take(browser: Browser, url: str, folder: Path) -> None:
    """Look at every page in both languages, light and dark, and on a phone."""
    for language in ("en", "ru"):
        for view, options in VIEWS.items():
            view_options: dict[str, Any] = {"timezone_id": "Europe/Moscow", **options}
            context = browser.new_context(locale=language, base_url=url, **view_options)
            page = context.new_page()
            for name, address in PAGES.items():
                page.goto(address)
                page.screenshot(path=folder / f"{name}-{language}{view}.png")
            context.close()


def main() -> None:
    folder, docs = ROOT / "build" / "screenshots", ROOT / "docs" / "images"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with busy_server() as server, a_browser() as browser:
        take(browser, f"http://{server.address}:{WEB_PORT}", folder)
    docs.mkdir(exist_ok=True)
    for name in IN_DOCS:
        shutil.copy(folder / f"{name}.png", docs / f"{name}.png")
        print(f"docs/images/{name}.png: {os.path.getsize(docs / f'{name}.png') // 1024} KiB")


if __name__ == "__main__":
    main()
