# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``client_config`` on a Windows target."""

from __future__ import annotations

import pytest

PATH = r"%ProgramData%\Protect\client.ini"


def test_writes_the_file_where_the_product_reads_it(run_action, target) -> None:
    answer = run_action("client_config", servers=["branch", "*AUTO"])
    assert (answer["changed"], answer["path"]) == (True, PATH)
    assert target.disk == {PATH: b"server=branch,*AUTO\n"}


def test_a_desk_that_needs_no_change_costs_one_call(run_action, target) -> None:
    target.disk[PATH] = b"; by hand\r\nserver=branch\r\n"
    assert run_action("client_config", servers=["branch"])["changed"] is False
    assert target.modules == ["slurp"]


def test_check_mode_tells_and_writes_nothing(run_action, target) -> None:
    target.disk[PATH] = b"server=old\r\n"
    answer = run_action("client_config", check_mode=True, servers=["branch"])
    assert answer["changed"] is True
    assert answer["diff"] == [
        {"before_header": PATH, "after_header": PATH, "before": "server=old\r\n", "after": "server=branch\r\n"}
    ]
    assert target.modules == ["slurp"]


def test_no_secret_is_in_the_answer(run_action) -> None:
    assert "canary" not in str(run_action("client_config", servers=["branch"], access_code="canary"))


def test_absent_removes_the_file(run_action, target) -> None:
    target.disk[PATH] = b"server=a\n"
    assert run_action("client_config", state="absent")["changed"] is True
    assert target.disk == {}


def test_a_bad_file_is_named_and_left(run_action, target) -> None:
    target.disk[PATH] = b"server=a\nserver=b\n"
    answer = run_action("client_config", servers=["branch"])
    assert answer["failed"] is True
    assert answer["msg"].startswith(f"{PATH}: line 2: server: already set in line 1")
    assert target.modules == ["slurp"]


@pytest.mark.parametrize("option", ["mode", "owner", "group"])
def test_what_windows_has_not_is_refused(run_action, target, option: str) -> None:
    answer = run_action("client_config", servers=["branch"], **{option: "x"})
    assert answer["failed"] is True
    assert answer["msg"].startswith(f"{option}: not on Windows")
    assert target.calls == []


def test_present_needs_something_to_write(run_action) -> None:
    assert "servers, access_code" in run_action("client_config")["msg"]
