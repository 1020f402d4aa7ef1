# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for a license in place of a product, to see what it would get: who looks at it does not run the product, and so
may also look at what the product would not believe."""

import dataclasses
import secrets
import time
from collections.abc import Iterator

from licserver.component.client import Client
from licserver.component.connection import Connection
from licserver.component.errors import ComponentError, LicenseDeniedError, UntrustedServerError
from licserver.component.loan import Loan
from licserver.component.reachability import Step
from licserver.component.trust import TrustedGrant, check_granted, read_granted
from licserver.kit import Kit
from licserver.wire.messages import Checked, Granted, Login

GIVE_BACK_SECONDS = 5.0
_CLOCK_SECONDS = 60
_EXPIRY_SECONDS = 30 * 86400


class Inspector(Client):
    """Believes whatever a server says, and keeps what it would take to check that."""

    def believe(self, granted: Granted, login: Login, server_id: str) -> TrustedGrant:
        """See :class:`Client`. Nothing is checked but that it can be read."""
        self._evidence = granted, login, server_id
        return read_granted(granted)

    def check_with(self, kit: Kit) -> None:
        """Check what the last server said as a product does.

        :raises UntrustedServerError: a product would not believe it.
        """
        granted, login, server_id = self._evidence
        check_granted(granted, login, server_id, kit, now=time.time())

    def with_access_code(self, access_code: str | None) -> "Inspector":
        """The same client, as if it had another access code, or none."""
        settings = dataclasses.replace(self.settings, access_code=access_code)
        holder = self.holder
        return Inspector(
            self.product, settings=settings, counter=self.counter, user=holder.user, computer=holder.computer
        )


def examine_license(inspector: Inspector, connection: Connection, kit: Kit | None) -> Iterator[Step]:
    """Whether a server would give a license; with a kit, also whether a product would believe it, for which a license
    is taken and given back at once."""
    try:
        checked = inspector.check(connection)
        if not checked.allowed:
            yield _refusal(inspector, connection, checked)
            return
        yield Step(
            "license", "ok", f"the key {checked.key_number} would give a license of its counter {checked.counter}"
        )
        if kit is not None:
            yield from _examine_proof(inspector, connection, kit)
    except LicenseDeniedError as error:
        old = "; a server of an earlier version cannot be asked without taking a license"
        message = error.message + (old if error.code == "bad_message" else "")
        yield Step("license", "failed", message, error.hint, error.code)
    except ComponentError as error:
        yield Step("license", "failed", error.message, error.hint, error.code)


def _refusal(inspector: Inspector, connection: Connection, checked: Checked) -> Step:
    if checked.code == "no_key" and inspector.settings.access_code and _is_code_wrong(inspector, connection, checked):
        hint = "Correct access_code in client.ini; it must be the one that `licctl key set` gave to a key there"
        problem = f"{checked.message}, but it has keys without an access code: the one in client.ini is wrong there"
        return Step("license", "failed", problem, hint, "wrong_access_code")
    hint = checked.hint
    if checked.holders:
        hint = f"{hint}; `licctl check --product {inspector.product}` lists who holds them"
    return Step("license", "failed", checked.message, hint, checked.code)


def _is_code_wrong(inspector: Inspector, connection: Connection, checked: Checked) -> bool:
    """Whether the server serves the product, and knows the code as little as one that nobody ever set: where it knows
    it, it tells whoever has it what is wrong with its keys."""
    if inspector.with_access_code(None).check(connection).code == "no_key":
        return False
    return inspector.with_access_code(secrets.token_urlsafe()).check(connection).hint == checked.hint


def _examine_proof(inspector: Inspector, connection: Connection, kit: Kit) -> Iterator[Step]:
    loan = Loan(inspector, connection, 0)
    try:
        license, apart = loan.trusted.license, time.time() - loan.trusted.grant.issued_at
        yield _clock_step(apart)
        try:
            inspector.check_with(kit)
        except UntrustedServerError as error:
            yield Step("trust", "failed", error.message, error.hint, error.code)
            return
        yield Step("trust", "ok", f"a product of {kit.vendor} believes it")
        if license.expires_at is not None and license.expires_at - time.time() < _EXPIRY_SECONDS:
            day = time.strftime("%Y-%m-%d", time.gmtime(license.expires_at))
            hint = "Ask the vendor for a new license in time"
            yield Step("license", "warning", f"the key {license.key_number} expires on {day}", hint, "key_expiring")
    finally:
        loan.give_back(seconds=GIVE_BACK_SECONDS)


def _clock_step(apart: float) -> Step:
    if abs(apart) <= _CLOCK_SECONDS:
        return Step("clock", "ok", "the clock of this computer agrees with that of the server")
    direction = "ahead of" if apart > 0 else "behind"
    return Step(
        "clock",
        "warning",
        f"the clock of this computer is {abs(apart):.0f} seconds {direction} that of the server",
        "Set the clocks right; with more than a day between them no license is believed",
        "clock_differs",
    )
