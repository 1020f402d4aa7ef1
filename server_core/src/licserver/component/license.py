# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes a license for one running instance of a product, keeps it and gives it back.

Several servers stand in order of preference, and the first one that answers decides. While a license is held:

- A server that does not answer is waited for while more than half of the ten minutes is left: a restart costs nothing.
  Then the license is taken from the next server that answers. What the first one lent stays held for its holder there.
- From a server that is not the first, the way back is tried once a minute, after a renewal that succeeded: first the
  license is taken there (a server that still holds it gives the very same one), then the other one is freed. Where
  what it gives cannot be believed, it is not tried again.
- At the end everything is freed, also what a server may still hold that was away; one that is still away frees it by
  itself, when the ten minutes and its idle time are over.

docs/specification.md, section 4 "Several servers".
"""

import contextlib
import dataclasses
import math
import time
from types import TracebackType
from typing import TYPE_CHECKING

from licserver.component.client import Client, Who
from licserver.component.errors import ComponentError, ConnectionLostError, UntrustedServerError
from licserver.component.loan import Loan
from licserver.component.transport import Address
from licserver.component.trust import TrustedGrant, check_granted
from licserver.ini_text import AUTO_SERVER
from licserver.kit import Kit
from licserver.seats.lease import ACTIVE_SECONDS
from licserver.wire.messages import Granted, Login

if TYPE_CHECKING:
    from typing_extensions import Unpack

FAIL_OVER_SECONDS = ACTIVE_SECONDS / 2
"""With no more time left than this, a server that does not answer is waited for no longer."""
RETURN_SECONDS = 60.0
"""How often the way back to a preferred server is tried."""
_BRIEF_SECONDS = 2.0
"""How long a server may take to answer while the product could as well do without."""


class ProtectionComponent(Client):
    """One running instance of a protected product.

    :param product: the product's name, as in its licenses.
    :param kit: the vendor's kit; only its signing keys are used, and they are what the product trusts.
    :param who: where to look and who asks, see :class:`Client`.
    """

    def __init__(self, product: str, kit: Kit, **who: "Unpack[Who]") -> None:
        super().__init__(product, **who)
        self.kit = kit

    def acquire(self) -> "HeldLicense":
        """Find a server and take a license.

        :raises ServerNotFoundError: no server answered; it says what was tried.
        :raises LicenseDeniedError: the first server that answered gave none.
        :raises UntrustedServerError: no server could prove that it may.
        """
        return HeldLicense(self, self.borrow())

    def believe(self, granted: Granted, login: Login, server_id: str) -> TrustedGrant:
        """See :class:`Client`. Nothing is believed but the vendor's signature."""
        return check_granted(granted, login, server_id, self.kit, now=time.time())


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
            if self.seconds_left > FAIL_OVER_SECONDS or not self._has_others():
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

    def _has_others(self) -> bool:
        servers = self._component.settings.servers
        return len(servers) > 1 or servers == (AUTO_SERVER,)

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
        try:
            self._move_to(self._component.borrow(before=self._loan.position, seconds=_BRIEF_SECONDS))
        except UntrustedServerError:  # to ask it again and again would keep a license taken there that nobody uses
            self._return_at = math.inf
        except ComponentError:
            pass

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
