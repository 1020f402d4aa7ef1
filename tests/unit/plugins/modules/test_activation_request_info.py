# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``activation_request_info`` on its target."""

from __future__ import annotations

from ansible_collections.protect.licensing.plugins.modules import activation_request_info

WAITING = [{"request_id": "r1", "key_number": "100-0001", "pack": None}]


def test_requests_that_wait_are_listed(run_module, licctl, tmp_path) -> None:
    licctl.answers(requests={"requests": WAITING, "damaged": ["/state/requests/x"]})
    answer = run_module(activation_request_info, licctl=str(licctl.path), state_dir=str(tmp_path))
    assert (answer["changed"], answer["requests"], answer["damaged"]) == (False, WAITING, ["/state/requests/x"])


def test_nobody_there_has_no_requests_in_check_mode_only(run_module) -> None:
    answer = run_module(activation_request_info, check_mode=True, licctl="/nowhere/licctl")
    assert (answer["requests"], "/nowhere/licctl" in answer["note"]) == ([], True)
    assert run_module(activation_request_info, licctl="/nowhere/licctl")["code"] == "not_installed"
