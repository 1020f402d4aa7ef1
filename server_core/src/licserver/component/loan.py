# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One lease on one server, as its holder sees it: taken, renewed, given back. docs/protocol.md, "Messages"."""

import dataclasses
import time
from collections.abc import Callable
from hmac import compare_digest
from typing import Protocol

from licserver.component.connection import ANSWER_SECONDS, Connection
from licserver.component.errors import ComponentError, ConnectionLostError, LicenseDeniedError, UntrustedServerError
from licserver.component.transport import Address
from licserver.component.trust import TrustedGrant
from licserver.sealing import X25519PrivateKey, decode_exchange_public, shared_key
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import Freed, Logout, Renew, Renewed, lease_mac

_LOGIN_AGAIN = {"unknown_lease", "key_gone", "wrong_proof"}


class Borrower(Protocol):
    """Who borrows: one running instance of a product."""

    private: X25519PrivateKey

    def connect(self, address: Address, *, seconds: float = ANSWER_SECONDS) -> Connection:
        """A connection to a server."""

    def log_in(self, connection: Connection) -> TrustedGrant:
        """Ask for a license on a connection, and check what comes."""

    def next_sequence(self) -> int:
        """A number larger than all before it, on every server: a lease that is taken again goes on counting."""


class Loan:
    """A license that one server has lent, with the connection over which it is renewed.

    :param position: which entry of ``server=`` led to the server, from 0.
    :raises LicenseDeniedError: the server gave none.
    :raises UntrustedServerError: its answer cannot be believed.
    """

    def __init__(self, borrower: Borrower, connection: Connection, position: int) -> None:
        self.position = position
        self._borrower = borrower
        self._connection = connection
        try:
            self._log_in()
        except ComponentError:
            connection.close()
            raise

    @property
    def address(self) -> Address:
        """The server."""
        return self._connection.address

    @property
    def lease(self) -> str:
        """The name of the lease."""
        return self.trusted.grant.lease

    @property
    def seconds_left(self) -> float:
        """For how long the product may go on without another renewal."""
        return max(0.0, self._active_until - time.monotonic())

    def renew(self) -> None:
        """Hold the license for ten more minutes, over a new connection where the old one broke.

        :raises ConnectionLostError: the server does not answer.
        :raises LicenseDeniedError: the license ended and there is no other.
        :raises UntrustedServerError: the answer is not from the server that gave the license.
        """
        self._reconnecting(self._renew, ANSWER_SECONDS)

    def give_back(self, *, seconds: float) -> None:
        """Free the license.

        :param seconds: how long to wait for the answer, and for that of a new connection where the old one broke.
        :raises ComponentError: the server could not be told; it frees the license by itself in time.
        """
        self._connection.seconds = seconds
        try:
            self._reconnecting(self._log_out, seconds)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up and leave the lease as it is."""
        self._connection.close()

    def _log_in(self) -> None:
        started = time.monotonic()
        self.trusted = self._borrower.log_in(self._connection)
        self._active_until = started + self.trusted.grant.active_seconds
        certificate = self.trusted.certificate
        self._trusted_until = started + certificate.expires_at - self.trusted.grant.issued_at
        try:
            exchange = decode_exchange_public(certificate.exchange_public)
            self._secret = shared_key(
                self._borrower.private, exchange, salt=self.lease.encode(), purpose="protect lease"
            )
        except ValueError as error:
            raise UntrustedServerError(f"the certificate holds no usable key: {error}") from error

    def _renew(self) -> None:
        started = time.monotonic()
        if started >= self._trusted_until:
            self._log_in()
            return
        sequence = self._borrower.next_sequence()
        mac = lease_mac(self._secret, "renew", self.lease, sequence)
        request = Renew(id=self._connection.next_id(), lease=self.lease, sequence=sequence, mac=mac)
        try:
            renewed = self._connection.ask(request, Renewed)
        except LicenseDeniedError as error:
            if error.code not in _LOGIN_AGAIN:
                raise
            self._log_in()
            return
        self._check_mac(renewed.mac, "renewed", self.lease, sequence, renewed.active_seconds)
        if renewed.active_seconds > ACTIVE_SECONDS:
            raise UntrustedServerError("the renewal is for too long a time")
        self._active_until = started + renewed.active_seconds

    def _log_out(self) -> None:
        sequence = self._borrower.next_sequence()
        mac = lease_mac(self._secret, "logout", self.lease, sequence)
        request = Logout(id=self._connection.next_id(), lease=self.lease, sequence=sequence, mac=mac)
        freed = self._connection.ask(request, Freed)
        self._check_mac(freed.mac, "freed", self.lease, sequence)

    def _reconnecting(self, conversation: Callable[[], None], seconds: float) -> None:
        try:
            conversation()
        except ConnectionLostError:
            self._connection.close()
            # a server that was restarted has new session keys; the lease's secret proves that it is the same one
            address = dataclasses.replace(self._connection.address, session_public=None)
            self._connection = self._borrower.connect(address, seconds=seconds)
            conversation()

    def _check_mac(self, mac: str, *parts: str | int) -> None:
        if not compare_digest(lease_mac(self._secret, *parts), mac):
            raise UntrustedServerError("the answer is not from the server that gave the license")
