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
    licctl.answers(info=info(), requests={"requests": []})
    answer = run_module(soft_key, check_mode=True, **options)
    assert (answer["changed"], answer["key"], answer["spends"]) == (True, None, "pin")
    assert [call["argv"][-1] for call in licctl.calls] == ["info", "requests"]


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


def test_a_change_shows_states_and_no_secret(run_module, licctl, options) -> None:
    licctl.answers(info=info(), key_activate={"changed": True, "key": KEY})
    diff = run_module(soft_key, **options)["diff"]
    assert (diff["before"], diff["after"]) == ({"state": "absent"}, {"state": "active"})


def test_an_active_key_needs_neither_pin_nor_kit_and_is_not_activated_again(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY))
    answer = run_module(soft_key, **{**options, "pin": None, "kit": None, "company": None, "reactivate": True})
    assert (answer["changed"], len(licctl.calls)) == (False, 1)


def test_the_phone_needs_no_help_of_the_control_node(run_module, licctl, options) -> None:
    made = {"request": {"request_id": "r1"}, "phone": {"code": "1234", "number": None}}
    licctl.answers(info=info(), requests={"requests": []}, **{"key request --request -": made})
    answer = run_module(soft_key, method="phone", **options)
    assert (answer["changed"], answer["phone"]["code"]) == (True, "1234")
    assert answer["diff"]["after"] == {"state": "requested"}


def test_a_key_is_removed(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY), **{"key remove 100-0001": {"changed": True, "copy": "/keys/copy"}})
    answer = run_module(soft_key, state="absent", **options)
    assert (answer["changed"], answer["key"], answer["copy"]) == (True, None, "/keys/copy")
    assert answer["diff"]["after"] == {"state": "absent"}


def test_a_key_is_removed_without_a_copy(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY), **{"key remove 100-0001 --purge": {"changed": True, "copy": None}})
    assert run_module(soft_key, state="absent", keep_copy=False, **options)["copy"] is None


@pytest.mark.parametrize(("keys", "changed"), [([KEY], True), ([], False)])
def test_a_removal_is_foreseen_and_what_is_gone_is_left(run_module, licctl, options, keys, changed: bool) -> None:
    licctl.answers(info=info(*keys))
    assert run_module(soft_key, check_mode=True, state="absent", **options)["changed"] is changed
    assert len(licctl.calls) == 1


def test_nothing_is_removed_from_a_server_that_stands_still(run_module, licctl, options) -> None:
    licctl.answers(info={**info(running=False), "problem": "it stands still"})
    answer = run_module(soft_key, state="absent", **options)
    assert (answer["failed"], answer["code"]) == (True, "server_not_running")


def test_there_is_nothing_to_remove_from_a_bare_host(run_module, options) -> None:
    absent = {**options, "licctl": "/nowhere/licctl", "state": "absent"}
    assert run_module(soft_key, check_mode=True, **absent)["changed"] is False
