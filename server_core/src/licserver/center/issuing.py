# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One activation request in, one answer out: the decision carried out in one transaction.

A request is named by its id: the same document again gets the very same answer and spends nothing; another document
under the same id is refused. docs/specification.md, section 5 "A lost answer never costs a PIN".
"""

import logging
import time
from collections.abc import Callable

from sqlalchemy import Connection

from licserver.center import CenterError, registry
from licserver.center.answering import Refusal, decide, unknown_key
from licserver.center.authority import Authority
from licserver.center.database import Database
from licserver.center.pins import normalize_pin, pin_digest
from licserver.center.registry import StoredAnswer
from licserver.documents import ActivationRequest, DocumentError, digest, open_self_signed, pin_context, seal
from licserver.sealing import UnsealError, unseal

_log = logging.getLogger(__name__)


class Issuer:
    """Answers activation requests in the vendor's name."""

    def __init__(
        self, database: Database, authority: Authority, vendor: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._authority = authority
        self._vendor = vendor
        self._clock = clock

    def answer(self, token: str) -> str:
        """The signed license for a signed request.

        :raises DocumentError: the request is cut, altered or something else.
        :raises CenterError: the request is refused; the code says why.
        :raises DatabaseError: nothing happened; the same request may be sent again.
        """
        request = open_self_signed(token, ActivationRequest)
        pin = self._pin_digest(request)
        with self._database.writing() as connection:
            outcome = self._settle(connection, request, digest(token), pin)
        if isinstance(outcome, Refusal):
            _log.warning("key %s: refused, %s (request %s)", request.key_number, outcome.code, request.request_id)
            raise CenterError(outcome.code, outcome.message, hint=outcome.hint)
        return outcome

    def _settle(
        self, connection: Connection, request: ActivationRequest, request_digest: str, pin: str
    ) -> str | Refusal:
        key = registry.find_key(connection, request.key_number, lock=True)
        if key is None:
            return unknown_key(request.key_number)
        earlier = registry.find_answer(connection, request.request_id)
        if earlier is not None:
            return earlier.answer if earlier.request_digest == request_digest else _other_document(request)
        now = int(self._clock())
        case, pin_number = registry.case_of(connection, key, pin, now=now)
        decision = decide(case, request, vendor=self._vendor, now=now)
        if isinstance(decision, Refusal):
            if decision.code != "too_many_attempts":
                self._record_refusal(connection, request, decision, now)
            return decision
        assert pin_number is not None  # `decide` grants no license for a wrong PIN
        answer = StoredAnswer(request_digest, seal(decision, self._authority.vendor))
        registry.store_activation(connection, request, decision, answer, pin=pin_number)
        _log.info("key %s: activation %d (request %s)", request.key_number, decision.activation, request.request_id)
        return answer.answer

    def _record_refusal(self, connection: Connection, request: ActivationRequest, refusal: Refusal, now: int) -> None:
        registry.record(
            connection,
            "refused",
            now=now,
            key_number=request.key_number,
            code=refusal.code,
            request_id=request.request_id,
        )

    def _pin_digest(self, request: ActivationRequest) -> str:
        try:
            context = pin_context(request.request_id, request.key_number, request.key_public)
            typed = unseal(self._authority.exchange, request.sealed_pin, context=context)
        except UnsealError as error:
            raise DocumentError(
                "the PIN in the request was not sealed for this center",
                code="foreign_request",
                hint="Make the request anew with this vendor's kit",
            ) from error
        try:
            pin = normalize_pin(typed.decode())
        except (UnicodeDecodeError, CenterError):
            pin = ""  # no PIN at all: it is judged like every other wrong one
        return pin_digest(self._authority.pepper, request.key_number, pin)


def _other_document(request: ActivationRequest) -> Refusal:
    return Refusal(
        "request_conflict",
        f"another request was already answered under the id {request.request_id}",
        "Make a new request",
    )
