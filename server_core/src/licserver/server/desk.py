# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The desk: answers each request of a client. docs/protocol.md, "Messages".

It joins the book of seats, the keys, the session and the journal, and knows nothing of sockets.
"""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest

from licserver.documents import Grant
from licserver.errors import LicensingError
from licserver.events import EventSink
from licserver.keys.keyring import AttachedKey
from licserver.keys.options import KeyOptions
from licserver.remarks import Remark
from licserver.seats import SeatError
from licserver.seats.book import SeatBook
from licserver.seats.lease import ACTIVE_SECONDS, Lease
from licserver.seats.ledger import LedgerError
from licserver.seats.refusals import unknown_lease
from licserver.server.actors import by_whom
from licserver.server.checks import Checks
from licserver.server.event_words import lease_words, request_words
from licserver.server.journal import Journal
from licserver.server.rack import KeyRack
from licserver.server.sessions import ClientSecrets, Sessions
from licserver.wire.messages import (
    PROTOCOL_VERSIONS,
    AnyAnswer,
    AnyRequest,
    Check,
    Failed,
    Freed,
    Granted,
    Hello,
    Login,
    Logout,
    Renew,
    Renewed,
    Suppose,
    Welcome,
    client_proof,
    lease_mac,
)

Reply = Callable[[AnyAnswer], None]
"""Takes the answer to a request that could not be answered at once."""

CLOCK_SECONDS = 10.0
"""How often the ledger's time is kept while nothing else is; a crash credits holders with at most that much more."""
DATE_SECONDS = 300.0
"""How often the date is kept on a server with a key that expires while nothing else is."""

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
        self.keys = KeyRack()
        self._journal = journal
        journal.leases = self.book.leases
        self._ledger = journal.ledger
        self._events = events
        self._clock = clock
        self._clock_kept = self._ledger.now()
        self._checks = Checks(self.book, self.keys)
        self._supposing: set[asyncio.Task[None]] = set()
        for lease in self._ledger.leases():
            self.book.restore(lease, self._ledger.now())

    def attach(self, keys: Iterable[AttachedKey], options: Mapping[str, KeyOptions]) -> None:
        """Take over the list of keys as it is now, and what was set for them."""
        self.keys.put(keys, options)
        self._settle()

    def answer(self, request: AnyRequest, challenge: str, address: str, reply: Reply) -> AnyAnswer | None:
        """The answer to a request, or ``None`` where it promises something: it is given when that is on disk.

        :param challenge: the one that the connection's welcome carried.
        :param address: the IP address of whoever asks.
        :param reply: called later, once, with an answer that is not given at once.
        """
        if isinstance(request, Hello):
            return self._welcome(request, challenge)
        if isinstance(request, Check):
            return self._check(request, challenge, address, reply)
        try:
            match request:
                case Renew():
                    return self._renew(request)
                case Login():
                    self._login(request, challenge, address, reply)
                case Logout():
                    self._logout(request, address, reply)
            return None
        except LicensingError as error:
            return self._refused(request, address, error)

    async def release(self, names: Iterable[str]) -> int:
        """Free leases by the hand of an administrator; how many there were."""
        freed = [self.book.free(name, "release", now=self._ledger.now()) for name in names if name in self.book.leases]
        for lease in freed:
            self._events.note("released", **lease_words(lease), **by_whom())
        self._end(freed)
        await self._journal.flush()
        return len(freed)

    async def tick(self) -> None:
        """Once in a while: look for keys that have expired and for what has lapsed, and keep renewals and the ledger's
        time on disk."""
        self._settle()
        for lease in self.book.lapse(self._ledger.now()):
            _log.info("lease %s of %s is %s", lease.lease, lease.holder.user, lease.state)
            if lease.state == "freed":
                self._events.note("freed", **lease_words(lease), by="lapse")
            else:
                self._events.note("blocked", **lease_words(lease))
            self._journal.note(lease.lease, None if lease.state == "freed" else lease)
        if self._journal.has_changes or self._ledger.now() >= self._clock_kept + self._keeping_seconds():
            self._clock_kept = self._ledger.now()
            await self._journal.flush()

    def _keeping_seconds(self) -> float:
        """How long the ledger's clocks may go on without being kept; a server where nothing happens writes nothing."""
        if self.book.leases:
            return CLOCK_SECONDS
        return DATE_SECONDS if self.keys.has_expiring else math.inf

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
            exchange_public=self.sessions.exchange_public,
        )

    def _settle(self) -> int:
        """Let the keys serve that may serve now: what has expired by a clock that cannot be turned back stays so.

        :returns: the time of day by the clock on the wall, in seconds, of which clients are told.
        """
        if not self.keys.is_settled(self._ledger.date):
            for lease, origin in self.book.serve(self.keys.offers(self._ledger.date())):
                self._journal.note(lease.lease, lease)
                self._events.note("moved" if lease.seated else "stranded", **lease_words(lease), from_key=origin)
        return int(self._clock())

    def _login(self, request: Login, challenge: str, address: str, reply: Reply) -> None:
        now = self._settle()
        secrets = self._introduced(request, challenge)
        wish = self.keys.wish(request, challenge)
        held = self.book.find(wish.product, wish.holder.client_public)
        try:
            lease = self.book.login(wish, now=self._ledger.now(), clock=now)
        except SeatError as error:
            raise self.keys.explained(error, wish) from error

        def undo() -> None:
            if held is not None:
                lease.told = False
            elif lease.lease in self.book.leases:
                self._end([self.book.free(lease.lease, "release", now=self._ledger.now())])

        try:
            lease.secret = secrets.lease_secret(lease.lease)
            granted = self._grant(request, lease, now)
        except BaseException:
            undo()
            raise
        _log.debug("lease %s: %s on %s got %s", lease.lease, lease.holder.user, lease.holder.computer, lease.product)
        self._journal.note(lease.lease, lease)
        if held is None:
            self._events.note("granted", **lease_words(lease), address=address)
        self._when_kept(granted, request, address, reply, undo)

    def _introduced(self, request: Login, challenge: str) -> ClientSecrets:
        """What is shared with a client that has proven to be who it says."""
        try:
            secrets = self.sessions.secrets_with(request.holder.client_public)
        except ValueError as error:
            raise SeatError("bad_client_key", "the client's public key cannot be used") from error
        if not compare_digest(client_proof(secrets.login_key(challenge), request.nonce), request.client_proof):
            raise SeatError("wrong_proof", "this is not from the holder of the client's private key")
        return secrets

    def _grant(self, request: Login, lease: Lease, now: int) -> Granted:
        key = self.keys.key(lease.key_number)
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

    def _renew(self, request: Renew) -> Renewed:
        self._settle()
        lease = self._proven(request, "renew")
        self.book.renew(lease.lease, now=self._ledger.now())
        self._journal.note(lease.lease, lease)
        mac = lease_mac(lease.secret, "renewed", lease.lease, request.sequence, ACTIVE_SECONDS)
        # it need not wait for the disk: after a crash every lease there starts its ten minutes again
        return Renewed(
            id=request.id, lease=lease.lease, sequence=request.sequence, active_seconds=ACTIVE_SECONDS, mac=mac
        )

    def _logout(self, request: Logout, address: str, reply: Reply) -> None:
        lease = self._proven(request, "logout")
        self.book.free(lease.lease, "logout", now=self._ledger.now())
        self._events.note("freed", **lease_words(lease), by="logout")
        self._end([lease])
        mac = lease_mac(lease.secret, "freed", lease.lease, request.sequence)
        freed = Freed(id=request.id, lease=lease.lease, sequence=request.sequence, mac=mac)
        self._when_kept(freed, request, address, reply)

    def _when_kept(
        self,
        answer: AnyAnswer,
        request: Login | Renew | Logout,
        address: str,
        reply: Reply,
        undo: Callable[[], None] = lambda: None,
    ) -> None:
        """Answer when what it promises is on disk; refuse, after ``undo``, when it could not be written."""

        def tell(error: LedgerError | None) -> None:
            refusal: LicensingError | None = error
            if error is not None:
                undo()
            elif isinstance(answer, Granted) and answer.lease not in self.book.leases:
                refusal = unknown_lease()  # it was freed meanwhile, and may be another's by now
            reply(answer if refusal is None else self._refused(request, address, refusal))

        self._journal.when_kept(tell)

    def _proven(self, request: Renew | Logout, verb: str) -> Lease:
        lease = self.book.held(request.lease)
        if not compare_digest(lease_mac(lease.secret, verb, lease.lease, request.sequence), request.mac):
            raise SeatError("wrong_proof", "this is not from the holder of the lease")
        if request.sequence <= lease.sequence:
            raise SeatError("replayed", f"the message {request.sequence} of this lease came before")
        lease.sequence = request.sequence
        return lease

    def _check(self, request: Check, challenge: str, address: str, reply: Reply) -> AnyAnswer | None:
        self._settle()
        if request.suppose is None:
            return self._checks.answer(request, challenge)
        task = asyncio.ensure_future(self._suppose(request, request.suppose, challenge, address, reply))
        self._supposing.add(task)
        task.add_done_callback(self._supposing.discard)
        return None

    async def _suppose(self, request: Check, suppose: Suppose, challenge: str, address: str, reply: Reply) -> None:
        try:
            reply(await self._checks.answer_supposing(request, suppose, challenge, address))
        except LicensingError as error:
            reply(Failed(id=request.id, code=error.code, message=error.message, hint=error.hint))

    def _end(self, leases: Iterable[Lease]) -> None:
        for lease in leases:
            _log.debug("lease %s of %s on %s is freed", lease.lease, lease.holder.user, lease.holder.computer)
            self._journal.note(lease.lease, None)

    def _refused(self, request: Login | Renew | Logout, address: str, error: LicensingError) -> Failed:
        told = {**Remark.of(error).details, **request_words(request)}
        self._events.note("denied", code=error.code, reason=error.message, address=address, **told)
        return Failed(id=request.id, code=error.code, message=error.message, hint=error.hint)
