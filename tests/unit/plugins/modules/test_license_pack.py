# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``license_pack`` on its target."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.modules import license_pack

KEY: dict[str, Any] = {"key_number": "100-0001", "state": "active", "packs": []}
RAISED = {**KEY, "packs": [{"pack": "P-1", "licenses": {"main": 5}, "activated_at": 1}]}


@pytest.fixture
def options(licctl, tmp_path: Path) -> dict[str, Any]:
    return {
        "licctl": str(licctl.path),
        "state_dir": str(tmp_path),
        "key_number": "100-0001",
        "pack": "P-1",
        "password": "canary-password",
    }


def info(*keys: object, running: bool = True) -> dict[str, object]:
    return {"running": running, "keys": list(keys)}


def test_a_pack_is_activated(run_module, licctl, options) -> None:
    done = {"changed": True, "key": RAISED}
    licctl.answers(info=info(KEY), **{"pack activate --request -": done})
    answer = run_module(license_pack, **options)
    assert (answer["changed"], answer["key"], answer["diff"]["after"]) == (True, RAISED, {"pack": "active"})
    assert json.loads(licctl.calls[-1]["stdin"])["password"] == "canary-password"
    assert "canary" not in str(answer) + str([call["argv"] for call in licctl.calls])


def test_a_pack_that_the_key_has_costs_one_look(run_module, licctl, options) -> None:
    licctl.answers(info=info(RAISED))
    answer = run_module(license_pack, **{**options, "password": None})
    assert (answer["changed"], answer["key"], len(licctl.calls)) == (False, RAISED, 1)


def test_a_password_is_needed_only_then(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY))
    answer = run_module(license_pack, **{**options, "password": None})
    assert (answer["code"], "password must be given" in answer["msg"]) == ("bad_option", True)


def test_check_mode_says_what_would_be_spent(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY), requests={"requests": []})
    answer = run_module(license_pack, check_mode=True, **options)
    assert (answer["changed"], answer["spends"]) == (True, "pack")


def test_a_refusal_fails_with_its_code(run_module, licctl, options) -> None:
    error = {"code": "no_license_held", "message": "nobody works with it", "hint": "Start the product"}
    licctl.answers(info=info(KEY), **{"pack activate --request -": {"error": error}})
    answer = run_module(license_pack, **options)
    assert (answer["failed"], answer["code"]) == (True, "no_license_held")


def test_what_is_active_meanwhile_is_no_change(run_module, licctl, options) -> None:
    licctl.answers(info=info(KEY), **{"pack activate --request -": {"changed": False, "key": RAISED}})
    answer = run_module(license_pack, **options)
    assert (answer["changed"], answer["key"], "diff" in answer) == (False, RAISED, False)


@pytest.mark.parametrize(
    ("answers", "note"), [(info(running=False), "does not run|is not running"), (info(), "not attached")]
)
def test_check_mode_foresees_what_comes_later(run_module, licctl, options, answers, note: str) -> None:
    licctl.answers(info=answers)
    answer = run_module(license_pack, check_mode=True, **options)
    assert answer["changed"] is True
    assert any(words in answer["note"] for words in note.split("|"))


def test_a_bare_host(run_module, options) -> None:
    bare = {**options, "licctl": "/nowhere/licctl"}
    assert "no license server yet" in run_module(license_pack, check_mode=True, **bare)["note"]
    assert run_module(license_pack, **bare)["code"] == "not_installed"
