# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``soft_key`` (docs/specification.md, section 5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._licctl import LicctlError
from ansible_collections.protect.licensing.plugins.module_utils._soft_key import plan_soft_key

KIT = {"kind": "protect-kit", "version": 1}
ACTIVE = {"key_number": "100-0001", "state": "active", "problem": None}
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


def test_an_active_key_needs_no_request() -> None:
    plan = plan_soft_key([ACTIVE], options())
    assert (plan.key, plan.request) == (ACTIVE, None)


def test_an_active_key_needs_neither_pin_nor_kit() -> None:
    assert plan_soft_key([ACTIVE], options(pin=None, kit=None, company=None)).request is None


def test_an_active_key_is_not_activated_again() -> None:
    assert plan_soft_key([ACTIVE], options(reactivate=True)).request is None


def test_a_missing_key_is_requested() -> None:
    plan = plan_soft_key([{**ACTIVE, "key_number": "100-0002"}], options())
    assert plan.key is None
    assert plan.request == options(kit=KIT)


def test_a_broken_key_is_left_unless_told_so() -> None:
    with pytest.raises(LicctlError, match="key 100-0001 does not work: the network card changed") as caught:
        plan_soft_key([BROKEN], options())
    assert caught.value.code == "reactivation_needed"


def test_a_broken_key_is_reactivated_when_told_so() -> None:
    plan = plan_soft_key([BROKEN], options(reactivate=True))
    assert plan.key == BROKEN
    assert plan.request is not None
    assert plan.request["reactivate"] is True


def test_what_is_missing_to_activate_is_named() -> None:
    with pytest.raises(
        ValueError, match="key 100-0001 is not active yet, and to activate it pin and kit must be given"
    ):
        plan_soft_key([], options(pin=None, kit=None))


@pytest.mark.parametrize("kit", ["{", "[]", '{"kind": "protect-license"}'])
def test_what_is_no_kit_is_refused(kit: str) -> None:
    with pytest.raises(ValueError, match="kit: not "):
        plan_soft_key([], options(kit=kit))
