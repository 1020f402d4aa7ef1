# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running server behind the web page and the JSON API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import anyio
import anyio.to_thread

from licserver.server.activations import Activations
from licserver.server.gate import Gate
from licserver.server.key_keeper import KeyKeeper
from licserver.server.metrics import Metrics
from licserver.server.reports import Reports
from licserver.server.usage import Usage

Made = TypeVar("Made")


@dataclass(frozen=True)
class Parts:
    """What both show, and have done.

    :ivar reload: takes over what the ini says and tells what came of it.
    """

    reports: Reports
    gate: Gate
    keeper: KeyKeeper
    activating: Activations
    metrics: Metrics
    reload: Callable[[], Awaitable[dict[str, Any]]]
    usage: Usage
    _one_at_a_time: anyio.CapacityLimiter = field(default_factory=lambda: anyio.CapacityLimiter(1))

    async def aside(self, render: Callable[[], Made]) -> Made:
        """Write a long answer in a thread: clients of the license port do not wait for readers of the page."""
        return await anyio.to_thread.run_sync(render, limiter=self._one_at_a_time)
