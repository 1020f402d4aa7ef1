# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running server behind the web page and the JSON API."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio
import anyio.to_thread

from licserver.server.activations import Activations
from licserver.server.gate import Gate
from licserver.server.key_keeper import KeyKeeper
from licserver.server.metrics import Metrics
from licserver.server.reloading import Reloader
from licserver.server.reports import Reports
from licserver.server.restarting import Restarter
from licserver.server.settings_keeper import SettingsKeeper
from licserver.server.support import Support
from licserver.server.tokens import Tokens
from licserver.server.usage import Usage

Made = TypeVar("Made")


@dataclass(frozen=True)
class Parts:
    """What both show, and have done."""

    reports: Reports
    gate: Gate
    keeper: KeyKeeper
    activating: Activations
    metrics: Metrics
    reloader: Reloader
    settings: SettingsKeeper
    restarter: Restarter
    tokens: Tokens
    support: Support
    usage: Usage
    _one_at_a_time: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))

    async def aside(self, render: Callable[[], Made]) -> Made:
        """Write a long answer in a thread: clients of the license port do not wait for readers of the page."""
        return await anyio.to_thread.run_sync(render, limiter=self._one_at_a_time)
