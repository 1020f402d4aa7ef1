# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: answers each request of a client. docs/protocol.md, "Messages".

It joins the book of seats, the keys, the session and the journal, and knows nothing of sockets.
"""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Iterable
from hmac import compare_digest

from licserver.documents import Grant
from licserver.errors import LicensingError
from licserver.events import EventSink
from licserver.keys import ProtectionKey
from licserver.keys.keyring import AttachedKey
from licserver.keys.options import KeyOptions
from licserver.sealing import UnsealError
from licserver.seats import SeatError
from licserver.seats.book import SeatBook
from licserver.seats.lease import ACTIVE_SECONDS, Lease
from licserver.seats.ledger import LedgerError
from licserver.server.event_words import lease_words, request_words
from licserver.server.journal import Journal
from licserver.server.sessions import Sessions
from licserver.wire.messages import (
    PROTOCOL_VERSIONS,
    AnyAnswer,
    AnyRequest,
    Failed,
    Freed,
    Granted,
    Hello,
    Login,
    Logout,
    Renew,
    Renewed,
    Welcome,
    access_proof,
    lease_mac,
)

CLOCK_SECONDS = 10.0
"""How often the ledger's time is kept while nothing else is; a crash credits holders with at most that much more."""

_log = logging.getLogger(__name__)


class Desk:
    """Gives, renews and frees licenses."""

    def __init__(
        self,
        name: str,
        journal: Journal,
        sessions: Sessions,
        events: EventSink,
        *,
        idle_seconds: float,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.name = name
        self.sessions = sessions
        self.book = SeatBook(idle_seconds=idle_seconds)
        self.attached: dict[str, AttachedKey] = {}
        self.options: dict[str, KeyOptions] = {}
        self._serving: dict[str, ProtectionKey] = {}
        self._expiring: dict[str, int] = {}
        self._numbers_by_access: dict[bytes | None, set[str]] = {}
        self._journal = journal
        self._ledger = journal.ledger
        self._events = events
        self._clock = clock
        self._clock_kept = self._ledger.now()
        for lease in self._ledger.leases():
            self.book.restore(lease, self._ledger.now())

    def attach(self, keys: Iterable[AttachedKey], options: dict[str, KeyOptions]) -> None:
        """Take over the list of keys as it is now: those that work, and are to be used, serve."""
        self.attached = {key.key_number: key for key in keys}
        self.options = options
        serving = {
            number: attached.key
            for number, attached in self.attached.items()
            if attached.key is not None and self.options_of(number).use
        }
        for number in self._serving.keys() - serving.keys():
            self.book.detach(number)
        for number, key in serving.items():
            if number not in self._serving or self._serving[number].license_token != key.license_token:
                self.book.attach(key.license)
        self._serving = serving
        self._expiring = {
            number: key.license.expires_at for number, key in serving.items() if key.license.expires_at is not None
        }
        self._numbers_by_access = {}
        for number in serving:
            self._numbers_by_access.setdefault(self.options_of(number).access_key, set()).add(number)

    def options_of(self, key_number: str) -> KeyOptions:
        """What was set for a key, or the defaults."""
        return self.options.get(key_number, KeyOptions())

    def answer(self, request: AnyRequest, challenge: str, address: str) -> AnyAnswer | Awaitable[AnyAnswer]:
        """The answer to a request: at once, or, where it promises something, when that is on disk.

        :param challenge: the one that the connection's welcome carried.
        :param address: the IP address of whoever asks.
        """
        if isinstance(request, Hello):
            return self._welcome(request, challenge)
        try:
            match request:
                case Renew():
                    return self._renew(request, address)
                case Login():
                    return self._login(request, challenge, address)
                case Logout():
                    return self._logout(request, address)
        except LicensingError as error:
            return self._refused(request, address, error)

    async def release(self, names: Iterable[str]) -> int:
        """Free leases by the hand of an administrator; how many there were."""
        freed = [self.book.free(name, "release", now=self._ledger.now()) for name in names if name in self.book.leases]
        for lease in freed:
            self._events.note("released", **lease_words(lease))
        self._end(freed)
        await self._journal.flush()
        return len(freed)

    async def tick(self) -> None:
        """Once in a while: lapse what has lapsed, and keep renewals and the ledger's time on disk."""
        for lease in self.book.lapse(self._ledger.now()):
            _log.info("lease %s of %s is %s", lease.lease, lease.holder.user, lease.state)
            if lease.state == "freed":
                self._events.note("freed", **lease_words(lease), by="lapse")
            else:
                self._events.note("blocked", **lease_words(lease))
            self._journal.note(lease.lease, None if lease.state == "freed" else lease)
        if self._journal.has_changes or (self.book.leases and self._ledger.now() >= self._clock_kept + CLOCK_SECONDS):
            self._clock_kept = self._ledger.now()
            await self._journal.flush()

    async def close(self) -> None:
        """Write everything down."""
        await self._journal.close()

    def _welcome(self, request: Hello, challenge: str) -> Welcome:
        return Welcome(
            id=request.id,
            version=max(set(request.versions) & set(PROTOCOL_VERSIONS)),
            server_id=self.sessions.server_id,
            name=self.name,
            challenge=challenge,
            session_public=self.sessions.session_public,
        )

    def _login(self, request: Login, challenge: str, address: str) -> Awaitable[AnyAnswer]:
        held = self.book.find(request.product, request.holder.client_public)
        if held is not None and not self._serves(held.key_number):
            self._events.note("freed", **lease_words(held), by="key_gone")
            self._end([self.book.free(held.lease, "release", now=self._ledger.now())])
            held = None
        numbers = self._numbers_for(request, challenge)
        expired = {number for number in self._expiring if number in numbers and not self._serves(number)}
        try:
            lease = self.book.login(
                request.product,
                request.counter,
                request.holder,
                numbers - expired,
                now=self._ledger.now(),
                clock=int(self._clock()),
            )
        except SeatError as error:
            ended = sorted(number for number in expired if self._serving[number].license.product == request.product)
            if error.code != "no_key" or not ended:
                raise
            raise SeatError(
                "key_expired", f"the key {ended[0]} has expired", hint="Ask the vendor for a new license"
            ) from error

        def undo() -> None:
            if held is None and lease.lease in self.book.leases:
                self._end([self.book.free(lease.lease, "release", now=self._ledger.now())])

        try:
            granted = self._grant(request, lease)
        except SeatError:
            undo()
            raise
        _log.debug("lease %s: %s on %s got %s", lease.lease, lease.holder.user, lease.holder.computer, lease.product)
        self._journal.note(lease.lease, lease)
        if held is None:
            self._events.note("granted", **lease_words(lease), address=address)
        return self._when_kept(granted, request, address, undo)

    def _grant(self, request: Login, lease: Lease) -> Granted:
        key, now = self._serving[lease.key_number], int(self._clock())
        try:
            lease.secret = self.sessions.lease_secret(request.holder.client_public, lease.lease)
        except (ValueError, UnsealError) as error:
            raise SeatError("bad_client_key", "the client's public key cannot be used") from error
        grant = Grant(
            lease=lease.lease,
            server_id=self.sessions.server_id,
            key_number=lease.key_number,
            product=lease.product,
            counter=lease.counter,
            counter_type=lease.counter_type,
            nonce=request.nonce,
            client_public=request.holder.client_public,
            issued_at=now,
            active_seconds=ACTIVE_SECONDS,
        )
        return Granted(
            id=request.id,
            lease=lease.lease,
            active_seconds=ACTIVE_SECONDS,
            grant=self.sessions.sign(grant),
            certificate=self.sessions.certificate(key, now),
            license=key.license_token,
        )

    def _renew(self, request: Renew, address: str) -> AnyAnswer | Awaitable[AnyAnswer]:
        lease = self._proven(request, "renew")
        if not self._serves(lease.key_number):
            raise SeatError("key_gone", f"the key {lease.key_number} serves no more", hint="Log in again")
        was_blocked = lease.state == "blocked"
        self.book.renew(lease.lease, now=self._ledger.now())
        self._journal.note(lease.lease, lease)
        mac = lease_mac(lease.secret, "renewed", lease.lease, request.sequence, ACTIVE_SECONDS)
        renewed = Renewed(
            id=request.id, lease=lease.lease, sequence=request.sequence, active_seconds=ACTIVE_SECONDS, mac=mac
        )
        # after a crash an active lease on disk starts its ten minutes again, but a blocked one has only its rest
        return self._when_kept(renewed, request, address) if was_blocked else renewed

    def _logout(self, request: Logout, address: str) -> Awaitable[AnyAnswer]:
        lease = self._proven(request, "logout")
        self.book.free(lease.lease, "logout", now=self._ledger.now())
        self._events.note("freed", **lease_words(lease), by="logout")
        self._end([lease])
        mac = lease_mac(lease.secret, "freed", lease.lease, request.sequence)
        freed = Freed(id=request.id, lease=lease.lease, sequence=request.sequence, mac=mac)
        return self._when_kept(freed, request, address)

    def _when_kept(
        self,
        answer: AnyAnswer,
        request: Login | Renew | Logout,
        address: str,
        undo: Callable[[], None] = lambda: None,
    ) -> Awaitable[AnyAnswer]:
        """The answer, when what it promises is on disk; a refusal, after ``undo``, when it could not be written."""
        answered: asyncio.Future[AnyAnswer] = asyncio.get_running_loop().create_future()

        def tell(error: LedgerError | None) -> None:
            if error is not None:
                undo()
            if not answered.done():
                answered.set_result(answer if error is None else self._refused(request, address, error))

        self._journal.when_kept(tell)
        return answered

    def _proven(self, request: Renew | Logout, verb: str) -> Lease:
        lease = self.book.held(request.lease)
        if not compare_digest(lease_mac(lease.secret, verb, lease.lease, request.sequence), request.mac):
            raise SeatError("wrong_proof", "this is not from the holder of the lease")
        if request.sequence <= lease.sequence:
            raise SeatError("replayed", f"the message {request.sequence} of this lease came before")
        lease.sequence = request.sequence
        return lease

    def _serves(self, key_number: str) -> bool:
        return key_number in self._serving and self._clock() < self._expiring.get(key_number, math.inf)

    def _numbers_for(self, request: Login, challenge: str) -> set[str]:
        if not request.access_proof:
            return self._numbers_by_access.get(None, set())
        for key, numbers in self._numbers_by_access.items():
            if key is not None and compare_digest(
                access_proof(key, challenge, request.nonce, request.holder.client_public), request.access_proof
            ):
                return numbers
        return set()

    def _end(self, leases: Iterable[Lease]) -> None:
        for lease in leases:
            _log.debug("lease %s of %s on %s is freed", lease.lease, lease.holder.user, lease.holder.computer)
            self._journal.note(lease.lease, None)

    def _refused(self, request: Login | Renew | Logout, address: str, error: LicensingError) -> Failed:
        self._events.note("denied", code=error.code, reason=error.message, address=address, **request_words(request))
        return Failed(id=request.id, code=error.code, message=error.message, hint=error.hint)
