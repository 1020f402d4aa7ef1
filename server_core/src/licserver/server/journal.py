# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Group commit: an answer leaves only when what it promises is on disk, and one flush serves all who wait for it.

docs/architecture.md, "The ledger".
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from licserver.events import Event
from licserver.events.history import History
from licserver.files import WriteError
from licserver.seats.lease import Lease
from licserver.seats.ledger import CorruptLedgerError, Ledger, LedgerError
from licserver.seats.salvage import mend

Tell = Callable[[LedgerError | None], None]
"""Called when a batch is durable, or with the error when it could not be written."""

MOST_WAITING_EVENTS = 10_000
"""So many wait for a disk that cannot be written; what happens beyond that is not noted."""

_log = logging.getLogger(__name__)


class Journal:
    """Collects changes of leases, and events, while the last batch is being written, then writes them as one.

    :ivar problem: why the last batch could not be written, if it could not.
    :ivar leases: every lease by its name, for a ledger that has to be written anew.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.problem: LedgerError | None = None
        self.leases: Mapping[str, Lease] = {}
        self._changes: dict[str, Lease | None] = {}
        self._events: list[Event] = []
        self._waiting: list[Tell] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="ledger")

    def note(self, name: str, lease: Lease | None) -> None:
        """Have a change written with the next batch; ``None`` for a lease that ended."""
        self._changes[name] = lease

    def note_event(self, event: Event) -> None:
        """Have an event written with the next batch."""
        self._events.append(event)

    @property
    def has_changes(self) -> bool:
        """Whether something was noted that is not being written yet."""
        return bool(self._changes or self._events)

    def when_kept(self, tell: Tell) -> None:
        """Have ``tell`` called when everything noted so far is durable.

        It is told the error if that could not be written. Then ended leases, and all events but grants that never were,
        are tried again with the next batch.
        """
        self._waiting.append(tell)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def flush(self) -> "asyncio.Future[None]":
        """Everything noted so far is durable when this is done; it raises the LedgerError if it could not be written.

        Whoever waits may be cancelled: the others who wait for the same batch do not notice.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def tell(error: LedgerError | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        self.when_kept(tell)
        return done

    async def history(self, after: int = 0) -> History:
        """The log of events: see :meth:`Ledger.history`."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.ledger.history, after)

    async def close(self) -> None:
        """Write what is left."""
        try:
            await self.flush()
        except LedgerError as error:
            _log.error("the last changes of leases are lost: %s", error)
        self._thread.shutdown()

    async def _write(self) -> None:
        try:
            while self._waiting:
                waiting, self._waiting = self._waiting, []
                changes, self._changes = self._changes, {}
                events, self._events = self._events, []
                try:
                    await self._commit(changes, events)
                    self.problem = None
                except LedgerError as error:
                    self.problem = error
                    ended: dict[str, Lease | None] = {name: None for name, lease in changes.items() if lease is None}
                    self._changes = ended | self._changes
                    self._events = [event for event in events if event.kind != "granted"] + self._events
                    del self._events[MOST_WAITING_EVENTS:]
                self._tell(waiting)
                if self.ledger.has_old_events:
                    await self._archive()
        finally:
            self._writer = None

    def _tell(self, waiting: Iterable[Tell]) -> None:
        for tell in waiting:
            try:
                tell(self.problem)
            except Exception:  # the others wait, too
                _log.exception("an answer could not be given")

    async def _commit(self, changes: dict[str, Lease | None], events: list[Event]) -> None:
        try:
            bodies = {name: None if lease is None else self.ledger.encode(lease) for name, lease in changes.items()}
            loop = asyncio.get_running_loop()
            try:
                await loop.run_in_executor(self._thread, self.ledger.commit, bodies, events)
            except CorruptLedgerError as error:
                everything = {name: self.ledger.encode(lease) for name, lease in self.leases.items()}
                await loop.run_in_executor(self._thread, mend, self.ledger, everything, error)
                await loop.run_in_executor(self._thread, self.ledger.commit, bodies, events)
        except LedgerError:
            raise
        except Exception as error:
            _log.exception("changes of leases could not be written")
            raise LedgerError(self.ledger.path, f"{type(error).__name__}: {error}") from error

    async def _archive(self) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self.ledger.archive)
        except (LedgerError, WriteError) as error:
            _log.error("older events stay in the ledger: %s", error)
