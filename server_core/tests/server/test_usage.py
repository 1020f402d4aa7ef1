# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The use of the last day."""

from pathlib import Path

from licserver.server.usage import SLOT_SECONDS, SLOTS, Slot, Usage, Use, told, uses
from licserver.server.usage_keeper import USAGE_NAME
from server_core.tests.helpers import PRODUCT
from server_core.tests.processes import command
from server_core.tests.running import ServerThread, eventually

NOW = 1_800_000_000


def note(usage: Usage, at: float, used: int, total: int = 5) -> bool:
    return usage.note(at, {"retail": Use("Retail 8", used, total)})


def test_of_each_half_hour_the_most_is_kept() -> None:
    usage = Usage()
    began = [note(usage, NOW + seconds, used) for seconds, used in ((0, 1), (60, 4), (120, 2), (SLOT_SECONDS, 0))]

    assert began == [True, False, False, True]
    assert usage.last_day("retail", NOW + SLOT_SECONDS)[-2:] == [Slot(NOW, 4, 5), Slot(NOW + SLOT_SECONDS, 0, 5)]


def test_the_day_has_all_its_half_hours_also_those_without_a_server() -> None:
    usage = Usage()
    note(usage, NOW, 1)
    later = NOW + 5 * SLOT_SECONDS

    slots = usage.last_day("retail", later)

    assert len(slots) == SLOTS
    assert [slot.most for slot in slots[-6:]] == [1, 0, 0, 0, 0, 0]
    assert usage.last_day("unknown", later)[0].total == 0


def test_what_is_older_than_a_day_is_forgotten() -> None:
    usage = Usage()
    note(usage, NOW, 1)
    usage.note(NOW + SLOTS * SLOT_SECONDS, {"other": Use("Other 8", 1, 1)})

    assert list(usage.slots) == ["other"]


def test_a_clock_that_is_set_back_leaves_no_half_hour_twice() -> None:
    usage = Usage()
    note(usage, NOW + SLOT_SECONDS, 3)
    note(usage, NOW, 1)

    assert [slot.at for slot in usage.slots["retail"]] == [NOW]


def test_only_keys_that_serve_count() -> None:
    counters = [{"used": 1, "limit": 2}, {"used": 3, "limit": 5}]
    key = {"state": "active", "use": True, "product": "retail", "product_name": "Retail 8", "counters": counters}
    keys = [key, key, {**key, "use": False}, {"state": "broken", "use": True}]

    assert uses(keys) == {"retail": Use("Retail 8", 8, 14)}


def test_the_day_of_every_product_is_told_by_its_name() -> None:
    key = {"state": "active", "use": True, "counters": [{"used": 1, "limit": 5}]}
    usage = Usage()
    note(usage, NOW, 4)
    keys = [{**key, "product": name, "product_name": title} for name, title in (("retail", "Retail"), ("a", "Trade"))]
    retail, other = told(usage, keys, NOW + SLOT_SECONDS)

    assert (retail["product"], retail["used"], retail["total"], other["product"]) == ("retail", 1, 5, "a")
    assert retail["last_day"][-2:] == [
        {"at": NOW, "most": 4, "total": 5},
        {"at": NOW + SLOT_SECONDS, "most": 0, "total": 0},
    ]


def test_programs_and_commands_are_told_what_the_overview_shows(server: ServerThread) -> None:
    with server.client() as client:
        client.take()
        eventually(lambda: server.server.usage.usage.slots, "it looks at the use")
        status, answer = server.http("GET", "/api/v1/usage")
        shown = command("licctl", "--ini", server.ini, "--state", server.state, "usage").stdout

    (one,) = answer["usage"]
    assert (status, answer["slot_seconds"], one["product"]) == (200, SLOT_SECONDS, PRODUCT)
    assert (one["used"], one["last_day"][-1]["total"], len(one["last_day"])) == (1, one["total"], SLOTS)
    assert shown.splitlines()[0].split("  ")[0] == "PRODUCT"
    assert one["product_name"] in shown


def test_a_restart_leaves_no_gap_and_a_damaged_file_is_set_aside(server: ServerThread) -> None:
    eventually(lambda: server.server.usage.usage.slots, "it looks at the use")
    server.stop()
    file: Path = server.state / USAGE_NAME
    assert PRODUCT in file.read_text()
    server.start()
    assert PRODUCT in server.server.usage.usage.slots
    server.stop()
    file.write_text("{")
    server.start()

    assert eventually(lambda: server.server.usage.usage.slots, "it begins anew")
    assert list(server.state.glob(f"{USAGE_NAME}.corrupt-*"))
