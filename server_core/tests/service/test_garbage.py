# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything is looked through for garbage when there is much more than last time, and at no other moment."""

import gc
import sys
import weakref
from collections.abc import Iterator

import pytest

from licserver.service import ProcessHost
from licserver.service.garbage import LOOK_SECONDS, GarbageCollection

SPARE_BLOCKS = 10_000


class Circle:
    """Nothing but a look for garbage frees one of these."""

    def __init__(self) -> None:
        self.itself = self


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def pythons_own() -> Iterator[None]:
    """The rest of the tests get Python's own collection back."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.fixture
def collection(clock: Clock) -> GarbageCollection:
    """That of a process whose server is ready."""
    made = GarbageCollection(SPARE_BLOCKS, clock=clock)
    made.server_is_ready()
    return made


def full_looks() -> int:
    return int(gc.get_stats()[-1]["collections"])


def much_more() -> list[object]:
    """More than may be added: half of all that there is, and what is spare."""
    return [object() for _ in range(SPARE_BLOCKS + sys.getallocatedblocks() // 2)]


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


def test_everything_is_looked_through_after_a_while(collection: GarbageCollection, clock: Clock) -> None:
    before = full_looks()

    for clock.seconds in (LOOK_SECONDS - 1, LOOK_SECONDS, LOOK_SECONDS + 1, 2 * LOOK_SECONDS):
        collection.look()

    assert full_looks() - before == 2


def test_python_itself_never_looks_through_everything(collection: GarbageCollection) -> None:
    before = full_looks()

    many = [[] for _ in range(20 * SPARE_BLOCKS)]

    assert (full_looks() - before, len(many)) == (0, 20 * SPARE_BLOCKS)


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


def test_a_process_that_carries_a_server_collects_so() -> None:
    host = ProcessHost()
    host.ready()
    before = full_looks()

    many = [[] for _ in range(20 * SPARE_BLOCKS)]
    host.tidy_up()

    assert (full_looks() - before, len(many)) == (0, 20 * SPARE_BLOCKS)


def test_what_a_server_leaves_that_begins_anew_is_freed_by_its_process() -> None:
    host = ProcessHost()
    host.ready()
    circle = Circle()
    gone = weakref.ref(circle)
    gc.freeze()
    del circle

    host.restarting()
    host.ready()

    assert gone() is None
