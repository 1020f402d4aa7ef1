# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is looked through for garbage when there is much more than last time, and at no other moment."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from licserver.service.garbage import GarbageCollection

SPARE_BLOCKS = 10_000


class Circle:
    """Nothing but a look for garbage frees one of these."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def collection() -> Iterator[GarbageCollection]:
    """That of a process whose server is ready; the rest of the tests get Python's own back."""
    thresholds = gc.get_threshold()
    made = GarbageCollection(SPARE_BLOCKS)
    made.server_is_ready()
    yield made
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def full_looks() -> int:
    return int(gc.get_stats()[-1]["collections"])


def much_more() -> list[list[int]]:
    """More than may be added: half of all that there is, and what is spare."""
    return [[] for _ in range(max(SPARE_BLOCKS, len(gc.get_objects()) + gc.get_freeze_count()) * 8)]


def test_nothing_is_looked_through_while_little_is_added(collection: GarbageCollection) -> None:
    before = full_looks()

    little = [[] for _ in range(SPARE_BLOCKS // 10)]
    collection.look()

    assert (full_looks() - before, len(little)) == (0, SPARE_BLOCKS // 10)


def test_everything_is_looked_through_once_when_much_was_added(collection: GarbageCollection) -> None:
    before = full_looks()

    much = much_more()
    collection.look()
    collection.look()

    assert full_looks() - before == 1
    assert much


def test_python_itself_never_looks_through_everything(collection: GarbageCollection) -> None:
    before = full_looks()

    assert much_more()

    assert full_looks() == before


def test_old_garbage_is_freed(collection: GarbageCollection) -> None:
    circle = Circle()
    gone = weakref.ref(circle)
    gc.collect(0)
    gc.collect(1)
    del circle

    much = much_more()
    assert gone() is not None
    collection.look()

    assert gone() is None
    assert much


def test_what_the_start_made_is_not_looked_through(collection: GarbageCollection) -> None:
    assert gc.get_freeze_count() > 10_000


def test_what_a_run_made_goes_when_the_next_one_is_ready(collection: GarbageCollection) -> None:
    circle = Circle()
    gone = weakref.ref(circle)
    gc.freeze()
    del circle

    collection.server_begins_anew()
    collection.server_is_ready()

    assert gone() is None
