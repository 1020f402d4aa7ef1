# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The relay gives a request up where the license server itself does, though neither can import the other."""

from __future__ import annotations

from ansible_collections.protect.licensing.plugins.module_utils import _exchange
from licserver.server import center_client


def test_both_take_the_same_refusals_for_good() -> None:
    assert _exchange.FINAL_REFUSALS == center_client.FINAL_REFUSALS
