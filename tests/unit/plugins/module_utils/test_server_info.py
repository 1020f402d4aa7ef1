# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Limits and use of a server, counted over its keys."""

from __future__ import annotations

from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._server_info import count_licenses


def key(limit: int, used: int, **changes: object) -> dict[str, Any]:
    counters = [{"name": "main", "type": "session", "limit": limit, "used": used}]
    return {"state": "active", "use": True, "product": "retail", "counters": counters, **changes}


def test_keys_of_one_product_and_counter_are_added_up() -> None:
    assert count_licenses([key(10, 4), key(5, 5)]) == [
        {"product": "retail", "counter": "main", "type": "session", "limit": 15, "used": 9, "free": 6}
    ]


def test_products_and_counters_are_told_apart() -> None:
    totals = count_licenses([key(1, 0, product="wholesale"), key(2, 0)])
    assert [(total["product"], total["limit"]) for total in totals] == [("retail", 2), ("wholesale", 1)]


def test_a_key_that_does_not_serve_counts_for_nothing() -> None:
    unreadable = {"key_number": "100-0009", "state": "broken", "use": True}
    assert count_licenses([key(5, 0, state="broken"), key(5, 0, use=False), unreadable]) == []


def test_a_key_that_holds_more_than_its_limit_takes_nothing_from_another() -> None:
    (total,) = count_licenses([key(2, 3), key(4, 0)])
    assert (total["limit"], total["used"], total["free"]) == (6, 3, 4)
