# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``key`` on its target."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.modules import key

SET = "key set --request -"
CHECK = "key set --request - --check"
KEY = {"key_number": "100-0001", "access_code_set": True, "use": True}


@pytest.fixture
def options(licctl) -> dict[str, Any]:
    return {"licctl": str(licctl.path), "key_number": "100-0001", "access_code": "canary-code", "use": True}


def answer_of(*changes: str, code_set: bool = False, use: bool = True) -> dict[str, Any]:
    before = {"access_code_set": code_set, "use": use}
    return {"changed": bool(changes), "changes": list(changes), "before": before, "key": KEY}


def refusal(code: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": "no", "hint": ""}}


def test_options_are_set_in_one_call(run_module, licctl, options) -> None:
    licctl.answers(**{SET: answer_of("access_code")})
    answer = run_module(key, **options)
    assert (answer["changed"], answer["key"]) == (True, KEY)
    (call,) = licctl.calls
    assert json.loads(call["stdin"]) == {"key_number": "100-0001", "access_code": "canary-code", "use": True}


def test_what_is_not_named_is_not_sent(run_module, licctl, options) -> None:
    licctl.answers(**{SET: answer_of()})
    assert run_module(key, **{**options, "access_code": None})["changed"] is False
    assert json.loads(licctl.calls[0]["stdin"]) == {"key_number": "100-0001", "use": True}


def test_the_access_code_is_neither_in_arguments_nor_in_the_answer(run_module, licctl, options) -> None:
    licctl.answers(**{SET: answer_of("access_code", code_set=True)})
    answer = run_module(key, **options)
    assert "canary" not in str(answer["diff"]) + str(answer["key"])
    assert "canary" not in str([call["argv"] for call in licctl.calls])


@pytest.mark.parametrize(
    ("answer", "code", "before", "after"),
    [
        (answer_of("access_code"), "canary-code", "", "(set)"),
        (answer_of("access_code", code_set=True), "canary-code", "(set)", "(changed)"),
        (answer_of("use", code_set=True, use=False), "canary-code", "(set)", "(set)"),
        (answer_of("access_code", code_set=True), "", "(set)", ""),
    ],
)
def test_the_difference_says_set_or_changed(
    run_module, licctl, options, answer: dict[str, Any], code: str, before: str, after: str
) -> None:
    licctl.answers(**{SET: answer})
    diff = run_module(key, **{**options, "access_code": code})["diff"]
    assert (diff["before"]["access_code"], diff["after"]["access_code"]) == (before, after)
    assert (diff["before"]["use"], diff["after"]["use"]) == (answer["before"]["use"], True)


def test_check_mode_lets_the_server_compare_and_changes_nothing(run_module, licctl, options) -> None:
    licctl.answers(**{CHECK: answer_of()})
    assert run_module(key, check_mode=True, **options)["changed"] is False
    assert len(licctl.calls) == 1


@pytest.mark.parametrize("code", ["server_not_running", "unknown_key"])
def test_check_mode_foresees_a_change_where_the_key_comes_later(run_module, licctl, options, code: str) -> None:
    licctl.answers(**{CHECK: refusal(code)})
    answer = run_module(key, check_mode=True, **options)
    assert (answer["changed"], answer["key"], answer["diff"]["after"]["access_code"]) == (True, None, "(set)")
    assert "a real run would" in answer["note"]


def test_a_refusal_fails_with_its_code(run_module, licctl, options) -> None:
    licctl.answers(**{SET: refusal("unknown_key")})
    answer = run_module(key, **options)
    assert (answer["failed"], answer["code"]) == (True, "unknown_key")


def test_a_bare_host_is_refused_and_in_check_mode_foreseen(run_module, options) -> None:
    bare = {**options, "licctl": "/nowhere/licctl"}
    assert run_module(key, **bare)["code"] == "not_installed"
    assert run_module(key, check_mode=True, **bare)["changed"] is True


def test_something_to_set_is_needed(run_module, options) -> None:
    answer = run_module(key, **{**options, "access_code": None, "use": None})
    assert answer["failed"]
    assert "access_code, use" in answer["msg"]
