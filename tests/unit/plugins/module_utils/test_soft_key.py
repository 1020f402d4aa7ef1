# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``soft_key`` (docs/specification.md, section 5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._licctl import LicctlError
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import plan_order

KIT = {"kind": "protect-kit", "version": 1}
BROKEN = {"key_number": "100-0001", "state": "broken", "problem": "the network card changed"}


def options(**changed: object) -> dict[str, Any]:
    return {
        "key_number": "100-0001",
        "pin": "1111",
        "kit": json.dumps(KIT),
        "company": {"name": "Horns and Hooves"},
        "center_url": None,
        "reactivate": False,
        **changed,
    }


def test_a_missing_key_is_ordered() -> None:
    order = plan_order(None, options())
    assert (order.noun, order.key_number, order.content) == ("key", "100-0001", options(kit=KIT))


def test_a_broken_key_is_left_unless_told_so() -> None:
    with pytest.raises(LicctlError, match="key 100-0001 does not work: the network card changed") as caught:
        plan_order(BROKEN, options())
    assert caught.value.code == "reactivation_needed"


def test_a_broken_key_is_reactivated_when_told_so() -> None:
    assert plan_order(BROKEN, options(reactivate=True)).content["reactivate"] is True


def test_what_is_missing_to_activate_is_named() -> None:
    with pytest.raises(
        ValueError, match="key 100-0001 is not active yet, and to activate it pin and kit must be given"
    ):
        plan_order(None, options(pin=None, kit=None))


@pytest.mark.parametrize("kit", ["{", "[]", '{"kind": "protect-license"}'])
def test_what_is_no_kit_is_refused(kit: str) -> None:
    with pytest.raises(ValueError, match="kit: not "):
        plan_order(None, options(kit=kit))
