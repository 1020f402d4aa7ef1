# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``soft_key`` on a Windows target."""

from __future__ import annotations

import json

import pytest

KIT = {"kind": "protect-kit", "version": 1}
KEY = {"key_number": "100-0001", "state": "active", "problem": None}
KEY_FILE = r"%ProgramData%\Protect\RarusSoftKey\100-0001.dongle"
OPTIONS = {"key_number": "100-0001", "pin": "canary-pin", "kit": KIT, "company": {"name": "Рога и копыта"}}


def info(*keys: object, running: bool = True) -> dict[str, object]:
    return {"running": running, "keys": list(keys)}


def test_a_missing_key_is_activated(run_action, target) -> None:
    target.licctl = {"info": info(), "key activate --request -": {"changed": True, "key": KEY}}
    answer = run_action("soft_key", **OPTIONS)
    assert (answer["changed"], answer["key"]) == (True, KEY)
    request = json.loads(target.calls[-1][1]["stdin"])
    assert (request["pin"], request["company"]["name"]) == ("canary-pin", "Рога и копыта")


def test_the_request_is_plain_ascii_whatever_code_page_reads_it(run_action, target) -> None:
    target.licctl = {"info": info(), "key activate --request -": {"changed": True, "key": KEY}}
    run_action("soft_key", **OPTIONS)
    assert target.calls[-1][1]["stdin"].isascii()


def test_the_pin_is_neither_in_arguments_nor_in_the_answer(run_action, target) -> None:
    target.licctl = {"info": info(), "key activate --request -": {"changed": True, "key": KEY}}
    assert "canary" not in str(run_action("soft_key", **OPTIONS))
    assert "canary" not in str([arguments["argv"] for _name, arguments in target.calls])


def test_an_active_key_costs_one_call(run_action, target) -> None:
    target.licctl = {"info": info(KEY)}
    assert run_action("soft_key", **OPTIONS)["changed"] is False
    assert target.modules == ["win_command"]


def test_a_refusal_fails_with_its_code(run_action, target) -> None:
    error = {"code": "wrong_pin", "message": "the PIN is wrong", "hint": "Look at the paper"}
    target.licctl = {"info": info(), "key activate --request -": {"error": error}}
    answer = run_action("soft_key", **OPTIONS)
    assert (answer["failed"], answer["code"]) == (True, "wrong_pin")


def test_a_bare_host_in_check_mode_predicts_a_change(run_action) -> None:
    answer = run_action("soft_key", check_mode=True, **OPTIONS)
    assert answer["changed"] is True
    assert "licctl.cmd" in answer["note"]


def test_a_bare_host_is_refused(run_action) -> None:
    answer = run_action("soft_key", **OPTIONS)
    assert (answer["failed"], answer["code"]) == (True, "not_installed")


@pytest.mark.parametrize("present", [True, False])
def test_check_mode_looks_at_the_file_while_the_server_does_not_run(run_action, target, present: bool) -> None:
    target.licctl = {"info": info(running=False)}
    target.disk = {KEY_FILE: b""} if present else {}
    answer = run_action("soft_key", check_mode=True, **OPTIONS)
    assert answer["changed"] is not present
