# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that lies: it speaks the protocol with keys of its own."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec

from licserver.documents import Grant, SessionCertificate, digest, seal
from licserver.sealing import Ed25519PrivateKey, X25519PrivateKey, decode_exchange_public, encode_public, shared_key
from licserver.wire import WireError
from licserver.wire.conversation import ServerConversation, encode
from licserver.wire.messages import (
    AnyAnswer,
    AnyRequest,
    Check,
    Checked,
    Failed,
    Freed,
    Granted,
    Hello,
    Login,
    Logout,
    Renew,
    Renewed,
    Welcome,
    lease_mac,
)
from server_core.tests.helpers import OwnKey
from server_core.tests.running import PORT, ServerThread, loopback_address

Reply = Callable[[AnyRequest], bytes | None]


@dataclass
class Liar:
    """Answers like an honest server but for what a test changes; each change is put in before signing.

    :ivar key: the protection key; one that the vendor of the product never signed makes a fake server.
    """

    key: OwnKey
    now: int
    certificate: dict[str, Any] = field(default_factory=dict)
    grant: dict[str, Any] = field(default_factory=dict)
    granted: dict[str, Any] = field(default_factory=dict)
    renewed: dict[str, Any] = field(default_factory=dict)
    certificate_signer: Ed25519PrivateKey | None = None
    grant_signer: Ed25519PrivateKey | None = None
    refuse: dict[type[AnyRequest], str] = field(default_factory=dict)
    session: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    exchange: X25519PrivateKey = field(default_factory=X25519PrivateKey.generate)
    asked: list[AnyRequest] = field(default_factory=list)

    def answer(self, request: AnyRequest) -> AnyAnswer:
        self.asked.append(request)
        if type(request) in self.refuse:
            return Failed(id=request.id, code=self.refuse[type(request)], message="no")
        match request:
            case Hello():
                return Welcome(
                    id=request.id,
                    version=1,
                    server_id="liar",
                    name="liar",
                    challenge="c",
                    session_public="s",
                    exchange_public=encode_public(self.exchange.public_key()),
                )
            case Login():
                return self.lend(request)
            case Renew():
                mac = lease_mac(self.secret, "renewed", request.lease, request.sequence, 600)
                renewed = Renewed(
                    id=request.id, lease=request.lease, sequence=request.sequence, active_seconds=600, mac=mac
                )
                return msgspec.structs.replace(renewed, **self.renewed)
            case Check():
                counter = self.key.license.counters[0].name
                return Checked(id=request.id, allowed=True, key_number=self.key.license.key_number, counter=counter)
            case Logout():
                mac = lease_mac(self.secret, "freed", request.lease, request.sequence)
                return Freed(id=request.id, lease=request.lease, sequence=request.sequence, mac=mac)

    def lend(self, login: Login) -> Granted:
        license = self.key.license
        certificate = SessionCertificate(
            key_number=license.key_number,
            license_digest=digest(self.key.license_token),
            server_id="liar",
            session_public=encode_public(self.session.public_key()),
            exchange_public=encode_public(self.exchange.public_key()),
            issued_at=self.now,
            expires_at=self.now + 86400,
        )
        grant = Grant(
            lease="lease",
            server_id="liar",
            key_number=license.key_number,
            product=license.product,
            counter=license.counters[0].name,
            counter_type=license.counters[0].type,
            nonce=login.nonce,
            client_public=login.holder.client_public,
            issued_at=self.now,
            active_seconds=600,
        )
        client = decode_exchange_public(login.holder.client_public)
        self.secret = shared_key(self.exchange, client, salt=b"lease", purpose="protect lease")
        granted = Granted(
            id=login.id,
            lease="lease",
            active_seconds=600,
            grant=seal(msgspec.structs.replace(grant, **self.grant), self.grant_signer or self.session),
            certificate=seal(
                msgspec.structs.replace(certificate, **self.certificate), self.certificate_signer or self.key.signer
            ),
            license=self.key.license_token,
        )
        return msgspec.structs.replace(granted, **self.granted)

    def reply(self, request: AnyRequest) -> bytes:
        return encode(self.answer(request))


@contextlib.contextmanager
def serving(reply: Reply) -> Iterator[str]:
    """A socket on which every request of a client is answered with the bytes of ``reply``; ``None`` hangs up."""
    address = loopback_address()
    with socket.create_server((address, PORT)) as listening:
        thread = threading.Thread(target=_serve, args=(listening, reply))
        thread.start()
        try:
            yield address
        finally:
            with socket.create_connection((address, PORT)) as last:
                last.sendall(b"stop\n")
            thread.join()


def _serve(listening: socket.socket, reply: Reply) -> None:
    while True:
        connection, _ = listening.accept()
        with connection:
            if not _converse(connection, reply):
                return


def _converse(connection: socket.socket, reply: Reply) -> bool:
    conversation = ServerConversation()
    while True:
        try:
            data = connection.recv(65536)
        except ConnectionResetError:
            return True
        if not data or data == b"stop\n":
            return not data
        conversation.feed(data)
        while (request := conversation.next()) is not None:
            answer = None if isinstance(request, WireError) else reply(request)
            if answer is None:
                return True
            with contextlib.suppress(OSError):
                connection.sendall(answer)


@contextlib.contextmanager
def stammering() -> Iterator[str]:
    """A socket that sends a byte now and then, for as long as somebody listens, and never an answer."""
    address = loopback_address()
    with socket.create_server((address, PORT)) as listening:
        thread = threading.Thread(target=_stammer, args=(listening,))
        thread.start()
        yield address
        thread.join()


def _stammer(listening: socket.socket) -> None:
    connection, _ = listening.accept()
    with connection, contextlib.suppress(OSError):
        while True:
            connection.sendall(b" ")
            time.sleep(0.02)  # a server that never ends its line, however long one listens


def pin_of(server: ServerThread) -> str:
    """The SHA-256 of the certificate of a server that speaks TLS."""
    return str(server.server.reports.server()["tls"]["certificate_sha256"])
