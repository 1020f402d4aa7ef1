# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``soft_key`` on its target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.modules import soft_key

KIT = {"kind": "protect-kit", "version": 1}
KEY = {"key_number": "100-0001", "state": "active", "problem": None}


@pytest.fixture
def options(licctl, tmp_path: Path) -> dict[str, Any]:
    return {
        "licctl": str(licctl.path),
        "state_dir": str(tmp_path),
        "key_number": "100-0001",
        "pin": "canary-pin",
        "kit": KIT,
        "company": {"name": "Horns and Hooves"},
    }


def info(*keys: object, running: bool = True) -> dict[str, object]:
    return {"running": running, "keys": list(keys)}


def test_a_missing_key_is_activated(run_module, licctl, options) -> None:
    licctl.answers(info=info(), key_activate={"changed": True, "key": KEY})
    answer = run_module(soft_key, **options)
    assert (answer["changed"], answer["key"]) == (True, KEY)
    request = json.loads(licctl.calls[-1]["stdin"])
    assert request["pin"] == "canary-pin"
    assert request["kit"] == KIT
    assert request["company"]["name"] == "Horns and Hooves"


def test_an_active_key_is_only_looked_at(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY))
    answer = run_module(soft_key, **options)
    assert (answer["changed"], answer["key"]) == (False, KEY)
    assert len(licctl.calls) == 1


def test_the_pin_is_neither_in_arguments_nor_in_the_answer(run_module, licctl, options) -> None:
    licctl.answers(info=info(), key_activate={"changed": True, "key": KEY})
    answer = run_module(soft_key, **options)
    assert "canary" not in str(answer)
    assert "canary" not in str([call["argv"] for call in licctl.calls])


def test_check_mode_predicts_and_spends_nothing(run_module, licctl, options) -> None:
    licctl.answers(info=info())
    answer = run_module(soft_key, check_mode=True, **options)
    assert (answer["changed"], answer["key"]) == (True, None)
    assert len(licctl.calls) == 1


def test_a_refusal_fails_with_its_code(run_module, licctl, options) -> None:
    error = {"code": "wrong_pin", "message": "the PIN is wrong", "hint": "Look at the paper"}
    licctl.answers(info=info(), key_activate={"error": error})
    answer = run_module(soft_key, **options)
    assert (answer["failed"], answer["code"], answer["msg"]) == (
        True,
        "wrong_pin",
        "the PIN is wrong. Look at the paper",
    )


def test_a_missing_option_fails_before_anything_is_asked_of_the_center(run_module, licctl, options) -> None:
    licctl.answers(info=info())
    answer = run_module(soft_key, **{**options, "kit": None})
    assert (answer["failed"], answer["code"]) == (True, "bad_option")
    assert len(licctl.calls) == 1


def test_a_bare_host_in_check_mode_predicts_a_change(run_module, options) -> None:
    answer = run_module(soft_key, check_mode=True, **{**options, "licctl": "/nowhere/licctl"})
    assert answer["changed"] is True
    assert "/nowhere/licctl" in answer["note"]


def test_a_bare_host_is_refused(run_module, options) -> None:
    answer = run_module(soft_key, **{**options, "licctl": "/nowhere/licctl"})
    assert (answer["failed"], answer["code"]) == (True, "not_installed")


@pytest.mark.parametrize("present", [True, False])
def test_check_mode_looks_at_the_file_while_the_server_does_not_run(
    run_module, licctl, options, tmp_path: Path, present: bool
) -> None:
    licctl.answers(info=info(running=False))
    if present:
        (tmp_path / "softkeys").mkdir()
        (tmp_path / "softkeys" / "100-0001.dongle").touch()
    answer = run_module(soft_key, check_mode=True, **options)
    assert answer["changed"] is not present
    assert "is not running" in answer["note"]
