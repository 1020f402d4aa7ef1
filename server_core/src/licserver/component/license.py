# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a license for one running instance of a product, keeps it and gives it back."""

import contextlib
import dataclasses
import functools
import getpass
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from hmac import compare_digest
from types import TracebackType

from licserver.component.connection import Address, Connection
from licserver.component.errors import (
    ComponentError,
    ConnectionLostError,
    LicenseDeniedError,
    ServerNotFoundError,
    UntrustedServerError,
)
from licserver.component.find import addresses
from licserver.component.settings import ClientSettings, read_client_settings
from licserver.component.trust import TrustedGrant, check_granted
from licserver.kit import Kit
from licserver.sealing import X25519PrivateKey, decode_exchange_public, encode_public, shared_key
from licserver.seats.holder import Holder
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import (
    Freed,
    Granted,
    Login,
    Logout,
    Renew,
    Renewed,
    access_key,
    access_proof,
    lease_mac,
)

_LOGIN_AGAIN = {"unknown_lease", "key_gone", "wrong_proof"}


class ProtectionComponent:
    """One running instance of a protected product.

    :param product: the product's name, as in its licenses.
    :param kit: the vendor's kit; only its signing keys are used, and they are what the product trusts.
    :param settings: where to look; by default this computer's ``client.ini``.
    :param user: the user to be shown and counted; by default who runs the process.
    """

    def __init__(
        self,
        product: str,
        kit: Kit,
        *,
        settings: ClientSettings | None = None,
        counter: str | None = None,
        user: str | None = None,
        computer: str | None = None,
        session_number: int = 0,
        rdp_session: int = 0,
    ) -> None:
        self.product = product
        self.kit = kit
        self.settings = settings or read_client_settings()
        self.counter = counter
        self.private = X25519PrivateKey.generate()
        self.holder = Holder(
            user=user or getpass.getuser(),
            computer=computer or socket.gethostname(),
            client_public=encode_public(self.private.public_key()),
            session_number=session_number,
            rdp_session=rdp_session,
        )
        self._access_key = functools.lru_cache(maxsize=8)(access_key)

    def acquire(self) -> "HeldLicense":
        """Find a server and take a license.

        :raises ServerNotFoundError: no server answered; it says what was tried.
        :raises LicenseDeniedError: the first server that answered gave none.
        :raises UntrustedServerError: no server could prove that it may.
        """
        attempts, untrusted = [], None
        for server, address in self._candidates():
            if address is None:
                attempts.append(f"{server}: no server answered the search")
                continue
            try:
                return HeldLicense(self, Connection(address))
            except UntrustedServerError as error:  # a fake must not hide the right server
                untrusted = untrusted or error
            except ConnectionLostError as error:
                attempts.append(error.message if server == address.host else f"{server}: {error.message}")
        raise untrusted or ServerNotFoundError(attempts)

    def log_in(self, connection: Connection) -> TrustedGrant:
        """Ask for a license on a connection, and check what comes.

        :raises LicenseDeniedError: the server gave none.
        :raises UntrustedServerError: its answer cannot be believed.
        """
        nonce = secrets.token_urlsafe(32)
        proof = ""
        if self.settings.access_code:
            key = self._access_key(self.settings.access_code, connection.welcome.server_id)
            proof = access_proof(key, connection.welcome.challenge, nonce, self.holder.client_public)
        login = Login(
            id=connection.next_id(),
            product=self.product,
            counter=self.counter,
            nonce=nonce,
            holder=self.holder,
            access_proof=proof,
        )
        granted = connection.ask(login, Granted)
        return check_granted(granted, login, connection.welcome.server_id, self.kit, now=time.time())

    def _candidates(self) -> Iterator[tuple[str, Address | None]]:
        for server in self.settings.servers:
            found = False
            for address in addresses(server):
                found = True
                yield server, address
            if not found:
                yield server, None


class HeldLicense:
    """A license that was given and checked. A context manager: at its end the license is freed."""

    def __init__(self, component: ProtectionComponent, connection: Connection) -> None:
        self._component = component
        self._connection = connection
        self._sequence = 0
        try:
            self._log_in()
        except ComponentError:
            connection.close()
            raise

    @property
    def server(self) -> Address:
        """The server that lends it."""
        return self._connection.address

    @property
    def lease(self) -> str:
        """The name of the lease."""
        return self.trusted.grant.lease

    @property
    def key_number(self) -> str:
        """The protection key that carries it."""
        return self.trusted.grant.key_number

    @property
    def seconds_left(self) -> float:
        """For how long the product may go on without another renewal, in seconds of a clock that cannot be set."""
        return max(0.0, self._active_until - time.monotonic())

    def renew(self) -> None:
        """The user is at work: hold the license for ten more minutes.

        :raises ConnectionLostError: the server does not answer; try again within :attr:`seconds_left`.
        :raises LicenseDeniedError: the license ended (freed by an administrator, key unplugged) and there is no other.
        :raises UntrustedServerError: the answer is not from the server that gave the license.
        """
        self._reconnecting(self._renew)

    def release(self) -> None:
        """Free the license. Where the server does not answer, it frees the license by itself in time."""
        with contextlib.suppress(ComponentError):
            self._reconnecting(self._log_out)
        self._connection.close()

    def __enter__(self) -> "HeldLicense":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _log_in(self) -> None:
        started = time.monotonic()
        self.trusted = self._component.log_in(self._connection)
        self._active_until = started + self.trusted.grant.active_seconds
        certificate = self.trusted.certificate
        self._trusted_until = started + certificate.expires_at - self.trusted.grant.issued_at
        try:
            exchange = decode_exchange_public(certificate.exchange_public)
            self._secret = shared_key(
                self._component.private, exchange, salt=self.lease.encode(), purpose="protect lease"
            )
        except ValueError as error:
            raise UntrustedServerError(f"the certificate holds no usable key: {error}") from error

    def _renew(self) -> None:
        started = time.monotonic()
        if started >= self._trusted_until:
            self._log_in()
            return
        self._sequence += 1
        mac = lease_mac(self._secret, "renew", self.lease, self._sequence)
        request = Renew(id=self._connection.next_id(), lease=self.lease, sequence=self._sequence, mac=mac)
        try:
            renewed = self._connection.ask(request, Renewed)
        except LicenseDeniedError as error:
            if error.code not in _LOGIN_AGAIN:
                raise
            self._log_in()
            return
        self._check_mac(renewed.mac, "renewed", self.lease, self._sequence, renewed.active_seconds)
        if renewed.active_seconds > ACTIVE_SECONDS:
            raise UntrustedServerError("the renewal is for too long a time")
        self._active_until = started + renewed.active_seconds

    def _log_out(self) -> None:
        self._sequence += 1
        mac = lease_mac(self._secret, "logout", self.lease, self._sequence)
        request = Logout(id=self._connection.next_id(), lease=self.lease, sequence=self._sequence, mac=mac)
        freed = self._connection.ask(request, Freed)
        self._check_mac(freed.mac, "freed", freed.lease, freed.sequence)

    def _reconnecting(self, conversation: Callable[[], None]) -> None:
        try:
            conversation()
        except ConnectionLostError:
            self._connection.close()
            # a server that was restarted has new session keys; the lease's secret proves that it is the same one
            self._connection = Connection(dataclasses.replace(self._connection.address, session_public=None))
            conversation()

    def _check_mac(self, mac: str, *parts: str | int) -> None:
        if not compare_digest(lease_mac(self._secret, *parts), mac):
            raise UntrustedServerError("the answer is not from the server that gave the license")
