# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""``activation_request_info`` on a Windows target."""

from __future__ import annotations

WAITING = [{"request_id": "r1", "key_number": "100-0001", "pack": None}]


def test_requests_that_wait_are_listed(run_action, target) -> None:
    target.licctl = {"requests": {"requests": WAITING}}
    answer = run_action("activation_request_info")
    assert (answer["changed"], answer["requests"], answer["damaged"]) == (False, WAITING, [])
    assert target.modules == ["win_command"]
