# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last of what a process wrote into its log, kept in memory for the vendor's support, whoever keeps the log.

A service may write into the journal of its system and not read it.
"""

import logging
from collections import deque

MOST_CHARS = 512 * 1024
_LONGEST = 32 * 1024
"""More of one entry is not kept."""


class RecentLog(logging.Handler):
    """Keeps as many of the newest entries as fit."""

    def __init__(self, most: int = MOST_CHARS) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._most = most
        self._entries: deque[str] = deque()
        self._chars = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging, for one entry at a time."""
        try:
            entry = f"{self.format(record)[:_LONGEST]}\n"
        except Exception:
            self.handleError(record)
            return
        self._entries.append(entry)
        self._chars += len(entry)
        while self._chars > self._most:
            self._chars -= len(self._entries.popleft())

    def text(self) -> str:
        """All of it, the oldest first."""
        return "".join(list(self._entries))  # in one step: other threads go on writing


RECENT_LOG = RecentLog()
"""That of this process."""
