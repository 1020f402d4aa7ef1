# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Activations in which the control node has a part, for targets of either kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._exchange import Center, CenterError
from ansible_collections.protect.licensing.plugins.plugin_utils import _courier
from ansible_collections.protect.licensing.tests.unit.plugins.action.conftest import PosixTarget, WindowsTarget
from ansible_collections.protect.licensing.tests.unit.plugins.carried import answer, request

KIT = {"kind": "protect-kit", "version": 1, "center_url": "https://center.example", "center_ca": "PEM"}
KEY = {"key_number": "100-0001", "state": "active", "problem": None, "packs": []}
OPTIONS = {"key_number": "100-0001", "pin": "canary-pin", "kit": KIT, "company": {"name": "Рога и копыта"}}
PACK = {"key_number": "100-0001", "pack": "P-1", "password": "canary-password"}
REQUEST = {
    "request_id": "r1",
    "key_number": "100-0001",
    "pack": None,
    "file_name": "100-0001-ab.request",
    "text": request(),
}
MAKE, LOAD = "key request --request -", "load --request -"


@pytest.fixture(params=["windows", "posix"])
def target(request: pytest.FixtureRequest) -> WindowsTarget:
    return WindowsTarget() if request.param == "windows" else PosixTarget()


@pytest.fixture
def waiting(target: WindowsTarget) -> WindowsTarget:
    """A target that has made its request."""
    target.licctl = {
        "info": {"running": True, "keys": []},
        "requests": {"requests": [REQUEST]},
        MAKE: {"request": REQUEST},
        LOAD: {"changed": True, "key": KEY},
    }
    return target


def stdin_of(target: WindowsTarget, command: str) -> Any:
    words = command.split()
    return next(json.loads(one["stdin"]) for _name, one in target.calls if one["argv"][-len(words) :] == words)


def test_a_request_is_written_on_the_control_node(run_action, waiting, tmp_path: Path) -> None:
    waiting.licctl["requests"] = {"requests": []}
    told = run_action("soft_key", method="file", request_file=f"{tmp_path}/new/", **OPTIONS)
    assert (told["changed"], told["key"], told["request"]) == (True, None, REQUEST)
    assert (tmp_path / "new" / "100-0001-ab.request").read_text() == request()
    assert told["diff"]["after"] == {"state": "requested"}


def test_a_request_that_lies_there_is_no_change(run_action, waiting, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text(request())
    told = run_action("soft_key", method="file", request_file=str(tmp_path / "mine.txt"), **OPTIONS)
    assert (told["changed"], "diff" in told) == (False, False)


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", ".bashrc", "a b", "", "x" * 300])
def test_a_target_does_not_choose_where_it_is_written(run_action, waiting, tmp_path: Path, name: str) -> None:
    waiting.licctl[MAKE] = {"request": {**REQUEST, "file_name": name}}
    told = run_action("soft_key", method="file", request_file=f"{tmp_path}/new/", **OPTIONS)
    assert (told["failed"], "which is none" in told["msg"], list(tmp_path.iterdir())) == (True, True, [])


def test_check_mode_writes_nothing(run_action, waiting, tmp_path: Path) -> None:
    told = run_action("soft_key", check_mode=True, method="file", request_file=f"{tmp_path}/new/", **OPTIONS)
    assert (told["changed"], list(tmp_path.iterdir())) == (True, [])
    assert MAKE not in str(waiting.calls)


def test_the_answer_is_found_in_a_folder_and_loaded(run_action, waiting, tmp_path: Path) -> None:
    (tmp_path / "other").write_text(answer(2))
    (tmp_path / "Re: key").write_text(answer(1))
    told = run_action("soft_key", method="file", answer_file=str(tmp_path), **OPTIONS)
    assert (told["changed"], told["key"], told["diff"]["after"]) == (True, KEY, {"state": "active"})
    assert stdin_of(waiting, LOAD) == {"text": answer(1)}


def test_an_answer_goes_to_the_target_in_plain_ascii(run_action, waiting, tmp_path: Path) -> None:
    run_action("soft_key", method="file", answer=f"Company: Рога и копыта\n{answer()}", **OPTIONS)
    assert [one["stdin"].isascii() for _name, one in waiting.calls if one.get("stdin")] == [True]


@pytest.mark.parametrize("there", [True, False])
def test_a_file_that_is_not_there_yet_is_waited_for(run_action, waiting, tmp_path: Path, there: bool) -> None:
    path = tmp_path / "a.answer"
    if there:
        path.write_text(answer())
    told = run_action("soft_key", method="file", answer_file=str(path), **OPTIONS)
    assert (told["changed"], told.get("request")) == ((True, None) if there else (False, REQUEST))


def test_a_folder_without_the_answer_waits(run_action, waiting, tmp_path: Path) -> None:
    (tmp_path / "other").write_text(answer(2))
    assert run_action("soft_key", method="file", answer_file=str(tmp_path), **OPTIONS)["request"] == REQUEST


def test_a_relay_asks_the_center_of_the_kit(run_action, waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def exchange(center: Center, text: str) -> str:
        asked.append((center, text))
        return answer()

    monkeypatch.setattr(_courier, "exchange", exchange)
    told = run_action("soft_key", method="relay", **OPTIONS)
    assert (told["changed"], told["key"]) == (True, KEY)
    assert asked == [(Center("https://center.example", "PEM"), request())]
    assert "canary" not in str(told) + str([one["argv"] for _name, one in waiting.calls])


def test_the_address_of_the_kit_can_be_replaced(run_action, waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_courier, "exchange", lambda center, text: center.url)
    run_action("soft_key", method="relay", center_url="https://mirror.example", **OPTIONS)
    assert stdin_of(waiting, LOAD) == {"text": "https://mirror.example"}


def test_a_refusal_of_the_center_fails_with_its_code(run_action, waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(center: Center, text: str) -> str:
        raise CenterError("too_many_attempts", "too many wrong PINs", "Wait an hour")

    monkeypatch.setattr(_courier, "exchange", refuse)
    told = run_action("soft_key", method="relay", **OPTIONS)
    assert (told["code"], told["msg"]) == ("too_many_attempts", "too many wrong PINs. Wait an hour")


def test_a_pack_is_carried_as_a_key_is(run_action, waiting, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"request": {**REQUEST, "pack": "P-1"}}
    waiting.licctl |= {"info": {"running": True, "keys": [KEY]}, "pack request --request -": made}
    monkeypatch.setattr(_courier, "exchange", lambda center, text: answer())
    told = run_action("license_pack", method="relay", kit=KIT, **PACK)
    assert (told["changed"], told["diff"]["after"]) == (True, {"pack": "active"})


def test_a_relay_needs_a_kit(run_action, waiting) -> None:
    waiting.licctl |= {"info": {"running": True, "keys": [KEY]}, "pack request --request -": {"request": REQUEST}}
    told = run_action("license_pack", method="relay", **PACK)
    assert (told["code"], told["msg"].startswith("kit: it is needed")) == ("bad_option", True)


def test_a_bare_host(run_action, target) -> None:
    assert run_action("soft_key", check_mode=True, method="relay", **OPTIONS)["changed"] is True
    assert run_action("soft_key", method="relay", **OPTIONS)["code"] == "not_installed"


@pytest.mark.parametrize("present", [True, False])
def test_check_mode_looks_at_the_file_while_the_server_does_not_run(run_action, target, present: bool) -> None:
    target.licctl = {"info": {"running": False, "keys": []}}
    paths = (r"%ProgramData%\Protect\RarusSoftKey\100-0001.dongle", "/var/lib/protect/softkeys/100-0001.dongle")
    target.disk = dict.fromkeys(paths, b"") if present else {}
    assert run_action("soft_key", check_mode=True, method="file", **OPTIONS)["changed"] is not present


@pytest.mark.parametrize("wrong", [{"rc": 13, "msg": "may not"}, {"module_stderr": "may not"}])
def test_a_target_that_cannot_run_it_is_an_error(run_action, target, wrong: dict[str, Any]) -> None:
    target.execute = lambda name, arguments: {"failed": True, **wrong}
    told = run_action("soft_key", method="relay", **OPTIONS)
    assert (told["failed"], told["msg"]) == (True, "may not")
