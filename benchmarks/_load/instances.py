# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running products, prepared so that they take next to no time while it is measured."""

from __future__ import annotations

import hmac
import secrets
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from benchmarks._load.talk import Talk, converse, recite
from licserver.component.trust import check_granted
from licserver.documents import SessionCertificate
from licserver.kit import Kit
from licserver.sealing import X25519PrivateKey, decode_bytes, decode_exchange_public, encode_public
from licserver.seats.holder import Holder
from licserver.wire.conversation import encode
from licserver.wire.messages import (
    Freed,
    Granted,
    Hello,
    Login,
    Logout,
    Renew,
    Renewed,
    Welcome,
    client_proof,
    lease_mac,
)

HELLO = encode(Hello(id=0, versions=[1], software="benchmark"))
PRODUCT = "retail"

_granted = msgspec.json.Decoder(Granted)
_freed = msgspec.json.Decoder(Freed)
_renewed = msgspec.json.Decoder(Renewed)
_welcome = msgspec.json.Decoder(Welcome)


@dataclass
class Instance:
    """One running product with a key of its own."""

    user: str
    private: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    sequence: int = 0

    def __post_init__(self) -> None:
        self.holder = Holder(user=self.user, computer="pc1", client_public=encode_public(self.private.public_key()))
        self._met = ""
        self._shared = b""

    def meet(self, welcome: Welcome) -> None:
        """Agree with a start of a server on what both know; costly, so it is done before the time is taken."""
        if welcome.exchange_public != self._met:
            self._met = welcome.exchange_public
            self._shared = self.private.exchange(decode_exchange_public(self._met))

    def login_line(self, welcome: Welcome) -> bytes:
        """A login on the connection that was welcomed so."""
        self.meet(welcome)
        nonce = secrets.token_urlsafe(32)
        proof = client_proof(_derived(self._shared, welcome.challenge, b"protect login"), nonce)
        self.login = Login(id=1, product=PRODUCT, nonce=nonce, holder=self.holder, client_proof=proof)
        return encode(self.login)

    def hold(self, line: bytes) -> None:
        """Remember what was granted."""
        self.granted = _granted.decode(line)
        self.lease = self.granted.lease
        self.secret = _derived(self._shared, self.lease, b"protect lease")

    def renewal(self) -> bytes:
        """The next renewal."""
        self.sequence += 1
        mac = lease_mac(self.secret, "renew", self.lease, self.sequence)
        return encode(Renew(id=self.sequence, lease=self.lease, sequence=self.sequence, mac=mac))

    def check_renewed(self, line: bytes) -> None:
        """Fail unless the server of the lease renewed it."""
        renewed = _renewed.decode(line)
        mac = lease_mac(self.secret, "renewed", self.lease, renewed.sequence, renewed.active_seconds)
        assert renewed.mac == mac, "not the server that granted the lease"

    def check_granted(self, kit: Kit) -> None:
        """Fail unless the whole chain of the grant is right."""
        certificate = msgspec.json.decode(decode_bytes(self.granted.certificate.split(".")[1]), type=SessionCertificate)
        check_granted(self.granted, self.login, certificate.server_id, kit, now=time.time())

    def leave(self) -> bytes:
        """The logout of a granted lease."""
        self.sequence += 1
        mac = lease_mac(self.secret, "logout", self.lease, self.sequence)
        return encode(Logout(id=2, lease=self.lease, sequence=self.sequence, mac=mac))


def unheard() -> Instance:
    """An instance with a lease that no server knows."""
    made = Instance("unheard")
    made.lease, made.secret = "AGrx4Ta7z6zYMdvlCfLMkjDyFksQ", b"s" * 32
    return made


def foreign_welcome() -> Welcome:
    """The greeting of another server: what is proven with it is wrong everywhere else."""
    public = encode_public(X25519PrivateKey.generate().public_key())
    return Welcome(
        id=0, version=1, server_id="s", name="n", challenge="c", session_public=public, exchange_public=public
    )


def greeted(sockets: Sequence[socket.socket]) -> list[Welcome]:
    """Say hello on each connection; how each was welcomed."""
    answers: list[list[bytes]] = [[] for _ in sockets]
    converse(sockets, [recite([HELLO], answer) for answer in answers])
    return [welcome_in(answer[0]) for answer in answers]


def log_in(welcome: Welcome, instances: Sequence[Instance]) -> Talk:
    """Log in one after the other."""
    for one in instances:
        one.hold((yield one.login_line(welcome)))


def renew_all(instances: Sequence[Instance]) -> Talk:
    """Renew one after the other, and check each answer."""
    for one in instances:
        one.check_renewed((yield one.renewal()))


def come_and_go(welcome: Welcome, instances: Sequence[Instance]) -> Talk:
    """Log in and out, one after the other."""
    for one in instances:
        one.hold((yield one.login_line(welcome)))
        _freed.decode((yield one.leave()))


def welcome_in(line: bytes) -> Welcome:
    """How a connection was welcomed."""
    return _welcome.decode(line)


def lease_in(line: bytes) -> str:
    """The lease that was renewed."""
    return _renewed.decode(line).lease


def _derived(shared: bytes, salt: str, purpose: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869) as docs/protocol.md has it, in two plain calls."""
    return hmac.digest(hmac.digest(salt.encode(), shared, "sha256"), purpose + b"\x01", "sha256")
