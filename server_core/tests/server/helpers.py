# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A desk without sockets, and a ledger whose disk can fail."""

import asyncio
import base64
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from licserver.events import Event, Selection
from licserver.events.moments import Moment, this_moment
from licserver.keys.keyring import AttachedKey
from licserver.keys.options import KeyOptions
from licserver.sealing import X25519PrivateKey, encode_public
from licserver.seats.ledger import DiskFullError, Ledger
from licserver.server.denials import Denials
from licserver.server.desk import Desk
from licserver.server.eventlog import EventLog
from licserver.server.journal import Journal
from licserver.server.sessions import Sessions
from licserver.wire.messages import (
    AnyAnswer,
    AnyRequest,
    Check,
    Checked,
    Failed,
    Granted,
    Login,
    Logout,
    Renew,
    access_key,
    access_proof,
    lease_mac,
)
from server_core.tests.helpers import NOW, PRODUCT, OwnKey, holder
from server_core.tests.running import ServerThread, lease_secret, proof_of
from server_core.tests.seats.helpers import Monotonic

IDLE = 300.0
CHALLENGE = "challenge"
ADDRESS = "192.0.2.7"

_access_key = functools.cache(access_key)


class Clock:
    """The clock of a computer, set by so many seconds."""

    def __init__(self) -> None:
        self.set_by = 0.0

    def __call__(self) -> Moment:
        now = this_moment()
        return Moment(now.wall + self.set_by, now.running, now.boot)


class FailingLedger(Ledger):
    """A ledger whose disk is full while ``full`` is set; it counts what it wrote."""

    full = False
    commits = 0

    def commit(self, changes: Mapping[str, bytes | None], events: Sequence[Event] = ()) -> None:
        if self.full:
            raise DiskFullError(Path("leases.sqlite"), "disk full")
        self.commits += 1
        super().commit(changes, events)


class Office:
    """A desk with its ledger, and clocks that a test turns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.monotonic = Monotonic(100.0)
        self.now = float(NOW)
        self.running, self.boot = 0.0, "boot"
        self.open()

    def open(self) -> None:
        """Start the server's inner parts on the ledger as it is on disk."""
        self.ledger = FailingLedger(self.path, monotonic=self.monotonic, moment=self.moment)
        self.journal, sessions = Journal(self.ledger), Sessions("server")
        self.denials = Monotonic()
        self.event_log = EventLog(self.journal, clock=lambda: self.now, limit=Denials(clock=self.denials))
        self.desk = Desk("host", self.journal, sessions, self.event_log, idle_seconds=IDLE, clock=lambda: self.now)

    def moment(self) -> Moment:
        return Moment(self.now, self.running, self.boot)

    def crash(self, *, down: float | None = None) -> None:
        """Start again from what is on disk.

        :param down: what the computer's own clock, which began anew with it, shows then.
        """
        keys, options = self.desk.keys.attached, self.desk.keys.options
        self.ledger.close()
        self.monotonic.seconds = self.monotonic.seconds if down is None else down
        self.open()
        self.desk.attach(keys.values(), options)

    def attach(self, *keys: OwnKey, options: Mapping[str, KeyOptions] | None = None) -> None:
        self.desk.attach(
            [AttachedKey(key.license.key_number, key.license, key, None) for key in keys], dict(options or {})
        )

    async def ask(self, request: AnyRequest, challenge: str = CHALLENGE, address: str = ADDRESS) -> AnyAnswer:
        later: asyncio.Future[AnyAnswer] = asyncio.get_running_loop().create_future()
        answer = self.desk.answer(request, challenge, address, later.set_result)
        return await later if answer is None else answer

    def at_once(self, request: AnyRequest) -> bool:
        """Whether a request is answered without waiting for the disk."""

        async def ask() -> bool:
            return self.desk.answer(request, CHALLENGE, ADDRESS, lambda answer: None) is not None

        return asyncio.run(ask())

    def events(self) -> list[dict[str, Any]]:
        """Every event on disk."""
        return self.ledger.history().select(Selection(limit=1000))

    def on_disk(self) -> dict[str, str]:
        """Name and state of every lease that a crash would leave."""
        return {lease.lease: lease.state for lease in self.ledger.leases()}


class Instance:
    """A running product that talks to a desk."""

    def __init__(self, office: Office, user: str = "anna") -> None:
        self.office = office
        self.user = user
        self.private = X25519PrivateKey.generate()
        self.sequence = 0

    async def login(self, access_code: str = "", *, challenge: str = CHALLENGE, **changes: Any) -> AnyAnswer:
        fields = {
            "product": PRODUCT,
            "nonce": "nonce",
            "holder": holder(self.private, self.user),
            "client_proof": self.client_proof(),
            "access_proof": self.access_proof(access_code),
            **changes,
        }
        answer = await self.office.ask(Login(id=1, **fields), challenge)
        if isinstance(answer, Granted):
            self.granted = answer
            self.secret = lease_secret(self.private, answer)
        return answer

    async def take(self, access_code: str = "") -> Granted:
        answer = await self.login(access_code)
        assert isinstance(answer, Granted), answer
        return answer

    async def check(self, access_code: str = "", *, address: str = ADDRESS, **changes: Any) -> Checked:
        answer = await self.office.ask(self.question(access_code, **changes), address=address)
        assert isinstance(answer, Checked), answer
        return answer

    def question(self, access_code: str = "", **changes: Any) -> Check:
        """Whether this instance would get a license."""
        fields = {"product": PRODUCT, "nonce": "nonce", "holder": holder(self.private, self.user), **changes}
        return Check(id=4, access_proof=self.access_proof(access_code), **fields)

    def access_proof(self, access_code: str) -> str:
        """Proves on the usual connection that this instance knows an access code."""
        public = encode_public(self.private.public_key())
        return access_proof(_access_key(access_code, "server"), CHALLENGE, "nonce", public) if access_code else ""

    def client_proof(self, challenge: str = CHALLENGE) -> str:
        """Proves on a connection that this instance has its private key."""
        return proof_of(self.private, self.office.desk.sessions.exchange_public, challenge, "nonce")

    def renewal(self, **wrong: Any) -> Renew:
        return Renew(id=2, **self._proof("renew", wrong))

    def leaving(self, **wrong: Any) -> Logout:
        return Logout(id=3, **self._proof("logout", wrong))

    async def renew(self, **wrong: Any) -> AnyAnswer:
        return await self.office.ask(self.renewal(**wrong))

    async def logout(self, **wrong: Any) -> AnyAnswer:
        return await self.office.ask(self.leaving(**wrong))

    def _proof(self, verb: str, wrong: Mapping[str, Any]) -> dict[str, Any]:
        self.sequence += 1
        fields = {"lease": self.granted.lease, "sequence": self.sequence, **wrong}
        return {"mac": lease_mac(self.secret, verb, fields["lease"], fields["sequence"]), **fields}


def code(answer: AnyAnswer) -> str:
    """The code of an answer that must be a refusal."""
    assert isinstance(answer, Failed), answer
    return answer.code


def basic(user: str, password: str) -> dict[str, str]:
    """The header of a browser that knows a user and a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(server: ServerThread) -> dict[str, str]:
    """The header of a command on the server's computer."""
    return {"Authorization": f"Bearer {server.token}"}
