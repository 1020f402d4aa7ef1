# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks for a license server as ``*AUTO`` does; started as a program, it prints after how many seconds one answered."""

from __future__ import annotations

import json
import time

from licserver.component.find import search

SEARCHES = 20
PAUSE_SECONDS = 0.1
"""The server answers an address twenty times a second."""


def main() -> None:
    """Search again and again."""
    print(json.dumps([_search() for _ in range(SEARCHES)]))


def _search() -> float:
    time.sleep(PAUSE_SECONDS)  # the server answers an address only so often
    started = time.perf_counter()
    next(iter(search()))
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
