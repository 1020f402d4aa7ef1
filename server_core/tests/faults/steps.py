# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process does to files and to the network, step by step, so that it can be ended before any of them.

The interpreter itself tells of every step (PEP 578); the program that is watched knows nothing of it.
"""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Killed(BaseException):
    """The program ends here: nothing of it catches this, and nothing is tidied up."""


class Steps:
    """Counts steps that change what is on disk, or go out, and ends the program before one of them.

    :param words: only steps that name one of these in a path count, and every connection.
    :param last: how many steps there may be; ``end`` is called in the place of the next one.
    :ivar taken: what was done, in order; ``ended``: whether there was one step more.
    """

    def __init__(self, words: Sequence[str], last: int, end: Callable[[], None]) -> None:
        self.taken: list[str] = []
        self.ended = False
        self._words = words
        self._last = last
        self._end = end

    def see(self, event: str, arguments: Sequence[Any]) -> None:
        step = self._step(event, arguments)
        if step is not None:
            if len(self.taken) >= self._last:
                self.ended = True
                self._end()
            self.taken.append(step)

    def _step(self, event: str, arguments: Sequence[Any]) -> str | None:
        if event == "socket.connect":
            return "connect"
        if event not in ("open", "os.rename", "os.remove", "os.chmod"):
            return None
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & _WRITING):
            return None
        paths = [str(path) for path in arguments if isinstance(path, str | os.PathLike)]
        named = any(word in path for path in paths for word in self._words)
        return f"{event} {' '.join(paths)}" if named else None


_watching: Steps | None = None
_installed = False


def watch(steps: Steps | None) -> None:
    """Have steps counted from now on; ``None``: no more."""
    global _watching, _installed
    _watching = steps
    if not _installed:
        sys.addaudithook(_tell)
        _installed = True


@contextmanager
def killed_after(last: int, *words: str) -> Iterator[Steps]:
    """Within this the program is ended after so many steps, as far as it takes more: :class:`Killed` is raised."""

    def end() -> None:
        watch(None)  # whoever is dead takes no further step
        raise Killed

    steps = Steps(words, last, end)
    watch(steps)
    try:
        yield steps
    finally:
        watch(None)


def _tell(event: str, arguments: Sequence[Any]) -> None:
    if _watching is not None:
        _watching.see(event, arguments)
