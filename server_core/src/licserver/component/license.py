# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a license for one running instance of a product, keeps it and gives it back.

Several servers stand in order of preference, and the first one that answers decides. While a license is held:

- A server that does not answer is waited for while more than half of the ten minutes is left: a restart costs nothing.
  Then the license is taken from the next server that answers. What the first one lent stays held for its holder there.
- From a server that is not the first, the way back is tried once a minute, after a renewal that succeeded: first the
  license is taken there (a server that still holds it gives the very same one), then the other one is freed.
- At the end everything is freed, also what a server may still hold that was away; one that is still away frees it by
  itself, when the ten minutes and its idle time are over.

docs/specification.md, section 4 "Several servers".
"""

import contextlib
import dataclasses
import functools
import getpass
import itertools
import secrets
import socket
import time
from collections.abc import Iterator
from types import TracebackType

from licserver.component.connection import ANSWER_SECONDS, Connection
from licserver.component.errors import (
    ComponentError,
    ConnectionLostError,
    ServerNotFoundError,
    UntrustedServerError,
)
from licserver.component.find import SEARCH_SECONDS, addresses
from licserver.component.loan import Loan
from licserver.component.settings import ClientSettings, read_client_settings
from licserver.component.transport import Address
from licserver.component.trust import TrustedGrant, check_granted
from licserver.kit import Kit
from licserver.sealing import X25519PrivateKey, encode_public
from licserver.seats.holder import Holder
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import Granted, Login, access_key, access_proof

FAIL_OVER_SECONDS = ACTIVE_SECONDS / 2
"""With no more time left than this, a server that does not answer is waited for no longer."""
RETURN_SECONDS = 60.0
"""How often the way back to a preferred server is tried."""
_BRIEF_SECONDS = 2.0
"""How long a server may take to answer while the product could as well do without."""


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
        self._sequences = itertools.count(1)
        self._access_key = functools.lru_cache(maxsize=8)(access_key)

    def acquire(self) -> "HeldLicense":
        """Find a server and take a license.

        :raises ServerNotFoundError: no server answered; it says what was tried.
        :raises LicenseDeniedError: the first server that answered gave none.
        :raises UntrustedServerError: no server could prove that it may.
        """
        return HeldLicense(self, self.borrow())

    def borrow(self, *, before: int | None = None, seconds: float = ANSWER_SECONDS) -> Loan:
        """A license from the first server that answers.

        :param before: try only so many entries of the settings.
        :param seconds: how long to wait for each answer.
        :raises ComponentError: see :meth:`acquire`.
        """
        attempts: list[str] = []
        untrusted = None
        for position, server in enumerate(self.settings.servers[:before]):
            for address in self._addresses(server, seconds, attempts):
                try:
                    return Loan(self, self.connect(address, seconds=seconds), position)
                except UntrustedServerError as error:  # a fake must not hide the right server
                    untrusted = untrusted or error
                except ConnectionLostError as error:
                    attempts.append(error.message if server == address.host else f"{server}: {error.message}")
        raise untrusted or ServerNotFoundError(attempts)

    def connect(self, address: Address, *, seconds: float = ANSWER_SECONDS) -> Connection:
        """A connection to a server, with TLS where the settings demand it.

        :raises ComponentError: see :class:`Connection`.
        """
        return Connection(address, self.settings.tls_pins, seconds=seconds)

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

    def next_sequence(self) -> int:
        """See :class:`licserver.component.loan.Borrower`."""
        return next(self._sequences)

    def _addresses(self, server: str, seconds: float, attempts: list[str]) -> Iterator[Address]:
        found = False
        for address in addresses(server, seconds=min(seconds, SEARCH_SECONDS)):
            found = True
            yield address
        if not found:
            attempts.append(f"{server}: no server answered the search")


class HeldLicense:
    """A license that was given and checked. A context manager: at its end the license is freed."""

    def __init__(self, component: ProtectionComponent, loan: Loan) -> None:
        self._component = component
        self._loan = loan
        self._left: dict[Address, Loan] = {}
        self._return_at = time.monotonic() + RETURN_SECONDS

    @property
    def server(self) -> Address:
        """The server that lends it."""
        return self._loan.address

    @property
    def lease(self) -> str:
        """The name of the lease."""
        return self._loan.lease

    @property
    def trusted(self) -> TrustedGrant:
        """The documents that prove it."""
        return self._loan.trusted

    @property
    def key_number(self) -> str:
        """The protection key that carries it."""
        return self.trusted.grant.key_number

    @property
    def seconds_left(self) -> float:
        """For how long the product may go on without another renewal, in seconds of a clock that cannot be set."""
        return self._loan.seconds_left

    def renew(self) -> None:
        """The user is at work: hold the license for ten more minutes, if need be from another server.

        :raises ConnectionLostError: no server lends one now; try again within :attr:`seconds_left`.
        :raises LicenseDeniedError: the license ended (freed by an administrator, key unplugged) and there is no other.
        :raises UntrustedServerError: the answer is not from the server that gave the license.
        """
        try:
            self._loan.renew()
        except ConnectionLostError as error:
            if self.seconds_left > FAIL_OVER_SECONDS or len(self._component.settings.servers) < 2:
                raise
            self._fail_over(error)
        else:
            self._come_back()

    def release(self) -> None:
        """Free the license, also on servers that were left because they did not answer. Where one does not answer now,
        it frees the license by itself in time."""
        for loan in (self._loan, *self._left.values()):
            with contextlib.suppress(ComponentError):
                loan.give_back(seconds=_BRIEF_SECONDS)
        self._left.clear()

    def __enter__(self) -> "HeldLicense":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _fail_over(self, lost: ConnectionLostError) -> None:
        try:
            loan = self._component.borrow()
        except ComponentError as error:
            raise ConnectionLostError(str(self.server), f"{lost.problem}; and elsewhere: {error.message}") from error
        self._loan.close()
        self._left[_place(self._loan)] = self._loan
        self._use(loan)

    def _come_back(self) -> None:
        if self._loan.position == 0 or time.monotonic() < self._return_at:
            return
        self._return_at = time.monotonic() + RETURN_SECONDS
        with contextlib.suppress(ComponentError):
            self._move_to(self._component.borrow(before=self._loan.position, seconds=_BRIEF_SECONDS))

    def _move_to(self, loan: Loan) -> None:
        left = self._loan
        self._use(loan)
        if left.lease == loan.lease:  # the same server by another name
            left.close()
            return
        left.give_back(seconds=_BRIEF_SECONDS)

    def _use(self, loan: Loan) -> None:
        self._left.pop(_place(loan), None)
        self._loan = loan
        self._return_at = time.monotonic() + RETURN_SECONDS


def _place(loan: Loan) -> Address:
    return dataclasses.replace(loan.address, session_public=None)
