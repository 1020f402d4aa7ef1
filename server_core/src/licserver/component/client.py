# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One client of license servers: who it is, where it looks, and what it says to a server that it has reached."""

import contextlib
import functools
import itertools
import secrets
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from licserver.account import account_name
from licserver.component.connection import ANSWER_SECONDS, Connection
from licserver.component.errors import (
    ComponentError,
    ConnectionLostError,
    LicenseDeniedError,
    ServerNotFoundError,
    UntrustedServerError,
)
from licserver.component.find import SEARCH_SECONDS, candidates
from licserver.component.loan import Loan
from licserver.component.settings import ClientSettings, read_client_settings
from licserver.component.transport import Address
from licserver.component.trust import TrustedGrant
from licserver.sealing import X25519PrivateKey, decode_exchange_public, encode_public, shared_key
from licserver.seats.holder import Holder, as_label
from licserver.wire.messages import Check, Checked, Granted, Login, Suppose, access_key, access_proof, client_proof

Result = TypeVar("Result")


class Who(TypedDict, total=False):
    """Where to look, and who asks: see :class:`Client`."""

    settings: ClientSettings | None
    counter: str | None
    user: str | None
    computer: str | None
    session_number: int
    rdp_session: int


class Client(ABC):
    """One running instance of a product, or somebody who asks in its place.

    :param product: the product's name, as in its licenses.
    :param settings: where to look; by default this computer's ``client.ini``.
    :param user: the user to be shown and counted; by default who runs the process.
    """

    def __init__(
        self,
        product: str,
        *,
        settings: ClientSettings | None = None,
        counter: str | None = None,
        user: str | None = None,
        computer: str | None = None,
        session_number: int = 0,
        rdp_session: int = 0,
    ) -> None:
        self.product = product
        self.settings = settings or read_client_settings()
        self.counter = counter
        self.private = X25519PrivateKey.generate()
        self.holder = Holder(
            user=as_label(user or account_name()),
            computer=as_label(computer or socket.gethostname()),
            client_public=encode_public(self.private.public_key()),
            session_number=session_number,
            rdp_session=rdp_session,
        )
        self._sequences = itertools.count(1)
        self._access_key = functools.lru_cache(maxsize=8)(access_key)

    @abstractmethod
    def believe(self, granted: Granted, login: Login, server_id: str) -> TrustedGrant:
        """What a grant says.

        :raises UntrustedServerError: it cannot be believed.
        """

    def borrow(self, *, before: int | None = None, seconds: float = ANSWER_SECONDS) -> Loan:
        """A license from the first server that answers.

        :param before: try only so many entries of the settings.
        :param seconds: how long to wait for each answer.
        :raises ServerNotFoundError: no server answered; it says what was tried.
        :raises LicenseDeniedError: the first server that answered gave none, or (``unknown_version``) none speaks a
            version of the protocol that this side does.
        :raises UntrustedServerError: no server could prove that it may.
        """
        return self._first(lambda connection, position: Loan(self, connection, position), before, seconds)

    def check_first(self, suppose: Suppose | None = None) -> tuple[Connection, Checked]:
        """Whether the first server that answers would give a license; the connection to it, closed already.

        :raises ComponentError: see :meth:`borrow`.
        """
        return self._first(lambda connection, _: self._checked(connection, suppose), None, ANSWER_SECONDS)

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
        asking = self._asking(connection)
        login = Login(**asking, client_proof=self._client_proof(connection, asking["nonce"]))
        return self.believe(connection.ask(login, Granted), login, connection.welcome.server_id)

    def check(self, connection: Connection, suppose: Suppose | None = None) -> Checked:
        """Ask whether a license would be given, and take none.

        :raises LicenseDeniedError: ``bad_message``: the server is of a version that cannot be asked.
        :raises ConnectionLostError: no answer.
        """
        return connection.ask(Check(**self._asking(connection), suppose=suppose), Checked)

    def next_sequence(self) -> int:
        """See :class:`licserver.component.loan.Borrower`."""
        return next(self._sequences)

    def _asking(self, connection: Connection) -> dict[str, Any]:
        """What a request for a license says of who asks, and for what."""
        nonce = secrets.token_urlsafe(32)
        proof = ""
        if self.settings.access_code:
            key = self._access_key(self.settings.access_code, connection.welcome.server_id)
            proof = access_proof(key, connection.welcome.challenge, nonce, self.holder.client_public)
        return {
            "id": connection.next_id(),
            "product": self.product,
            "counter": self.counter,
            "nonce": nonce,
            "holder": self.holder,
            "access_proof": proof,
        }

    def _client_proof(self, connection: Connection, nonce: str) -> str:
        try:
            exchange = decode_exchange_public(connection.welcome.exchange_public)
            salt = connection.welcome.challenge.encode()
            return client_proof(shared_key(self.private, exchange, salt=salt, purpose="protect login"), nonce)
        except ValueError as error:
            raise UntrustedServerError(f"the server's greeting holds no usable key: {error}") from error

    def _checked(self, connection: Connection, suppose: Suppose | None) -> tuple[Connection, Checked]:
        with contextlib.closing(connection):
            return connection, self.check(connection, suppose)

    def _first(self, use: Callable[[Connection, int], Result], before: int | None, seconds: float) -> Result:
        attempts: list[str] = []
        unusable: ComponentError | None = None
        servers = self.settings.servers[:before]
        for position, server, address in candidates(servers, seconds=min(seconds, SEARCH_SECONDS)):
            if address is None:
                attempts.append(f"{server}: no server answered the search")
                continue
            try:
                try:
                    connection = self.connect(address, seconds=seconds)
                except LicenseDeniedError as error:  # of the greeting: the next server may speak this version
                    unusable = unusable or error
                    continue
                return use(connection, position)
            except UntrustedServerError as error:  # a fake must not hide the right server
                unusable = unusable or error
            except ConnectionLostError as error:
                attempts.append(error.message if server == address.host else f"{server}: {error.message}")
        raise unusable or ServerNotFoundError(attempts)
