# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a server looks for garbage, during which nobody is served. docs/architecture.md, "Nobody waits for garbage".

Left alone, Python looks through everything whenever a quarter was added: while thousands connect and leave, that is
a tenth of a second every few seconds. Here only what is young is looked through that way, and everything when there may
be much to find, or after a while.
"""

import gc
import sys
import time
from collections.abc import Callable

SPARE_BLOCKS = 500_000
"""So many blocks of memory may be added before everything is looked through; half of all that there are, if more. They
are Python's small ones, 40 MB as a rule; larger ones belong to those."""
LOOK_SECONDS = 600.0
"""After so long everything is looked through in any case."""
_NEVER = 2**31 - 1


class GarbageCollection:
    """Python's own, as it suits a server. The process has one."""

    def __init__(self, spare_blocks: int = SPARE_BLOCKS, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._spare_blocks = spare_blocks
        self._clock = clock
        self._most_blocks = 0
        self._due = 0.0
        self._is_first_run = True

    def server_is_ready(self) -> None:
        """What the start made stays, and is not looked through any more."""
        if not self._is_first_run:
            gc.collect()  # what the run before left
        self._is_first_run = False
        gc.freeze()
        young, middle_aged, _ = gc.get_threshold()
        gc.set_threshold(young, middle_aged, _NEVER)
        gc.enable()
        self._begin_to_wait()

    def look(self) -> None:
        """Look through everything if that is due; asked about once a second."""
        if sys.getallocatedblocks() > self._most_blocks or self._clock() >= self._due:
            gc.collect()
            self._begin_to_wait()

    def server_begins_anew(self) -> None:
        """What the last start made goes."""
        gc.unfreeze()

    def _begin_to_wait(self) -> None:
        blocks = sys.getallocatedblocks()
        self._most_blocks = blocks + max(self._spare_blocks, blocks // 2)
        self._due = self._clock() + LOOK_SECONDS
