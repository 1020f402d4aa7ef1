# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request in, one answer out: the decision carried out in one transaction.

A request is named by its id: the same document again gets the very same answer and spends nothing; another document
under the same id is refused. docs/specification.md, section 5 "A lost answer never costs a PIN", and section 6.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from licserver.activation.phone import RequestCode
from licserver.center import CenterError, pack_registry, registry
from licserver.center.acting import Act, Actor
from licserver.center.answering import Case, Refusal, decide, judge_pin, unknown_key
from licserver.center.authority import Authority
from licserver.center.clones import old_self, other_computer
from licserver.center.database import Database
from licserver.center.packs import decide_pack, unknown_pack
from licserver.center.phone import PhoneCall, PhoneSecrets, copied, decide_call, learned, request_of
from licserver.center.pins import normalize_pin, password_digest, pin_digest
from licserver.center.registry import StoredAnswer
from licserver.documents import (
    ActivationRequest,
    DocumentError,
    PackRequest,
    digest,
    document_kind,
    open_self_signed,
    password_context,
    pin_context,
    seal,
)
from licserver.sealing import UnsealError, unseal

_Settle = Callable[[Connection, Actor], str | Refusal]
_log = logging.getLogger(__name__)


class Issuer:
    """Answers the requests of license servers in the vendor's name."""

    def __init__(
        self, database: Database, authority: Authority, vendor: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._authority = authority
        self._vendor = vendor
        self._clock = clock
        self._phone = PhoneSecrets(authority.pepper)

    def answer(self, token: str, by: Actor) -> str:
        """The signed license for a signed request: for a key's activation, or for a pack.

        :param by: whoever brought it.
        :raises DocumentError: the request is cut, altered or something else.
        :raises CenterError: the request is refused; the code says why.
        :raises DatabaseError: nothing happened; the same request may be sent again.
        """
        open_request = self._open_pack if document_kind(token) == PackRequest.kind else self._open_key
        return self._carry_out(open_request(token), by)

    def answer_phone(self, call: PhoneCall, by: Actor) -> str:
        """The three blocks that answer a call. The same key number, code and PIN get the same blocks again.

        :param by: whoever took it.
        :raises PhoneCodeError: the request code was misheard or mistyped; it names the blocks.
        :raises CenterError: the call is refused; the code says why.
        :raises DatabaseError: nothing happened; the same may be asked again.
        """
        code = RequestCode.read(call.code)
        pin = pin_digest(self._authority.pepper, call.key_number, _normalized(call.pin))
        return self._carry_out(lambda connection, by: self._settle_call(connection, call, code, pin, by), by)

    def _carry_out(self, settle: _Settle, by: Actor) -> str:
        with self._database.writing() as connection:
            outcome = settle(connection, by)
        if isinstance(outcome, Refusal):
            raise CenterError(outcome.code, outcome.message, hint=outcome.hint, details=outcome.details)
        return outcome

    def _open_key(self, token: str) -> _Settle:
        request = open_self_signed(token, ActivationRequest)
        context = pin_context(request.request_id, request.key_number, request.key_public)
        pin = pin_digest(self._authority.pepper, request.key_number, self._unseal(request.sealed_pin, context))
        return lambda connection, by: self._settle_key(connection, request, digest(token), pin, by)

    def _open_pack(self, token: str) -> _Settle:
        request = open_self_signed(token, PackRequest)
        context = password_context(request.request_id, request.pack, request.key_public)
        password = password_digest(self._authority.pepper, request.pack, self._unseal(request.sealed_password, context))
        return lambda connection, by: self._settle_pack(connection, request, digest(token), password, by)

    def _settle_key(
        self, connection: Connection, request: ActivationRequest, request_digest: str, pin: str, by: Actor
    ) -> str | Refusal:
        key = registry.find_key(connection, request.key_number, lock=True)
        if key is None:
            return unknown_key(request.key_number)
        act = Act(int(self._clock()), by)
        earlier = registry.find_answer(connection, request.request_id)
        if earlier is not None:
            if earlier.request_digest == request_digest:
                _watch_old_self(connection, request, act=act)
            return _again(earlier, request, request_digest)
        case, pin_number = registry.case_of(connection, key, pin, now=act.at)
        decision = decide(case, request, vendor=self._vendor, now=act.at)
        if judge_pin(case) is None:
            _watch_computer(connection, request, case, act=act)
        if isinstance(decision, Refusal):
            return _refused(connection, request, decision, act=act)
        assert pin_number is not None  # `decide` grants no license for a wrong PIN
        answer = StoredAnswer(request_digest, seal(decision, self._authority.vendor))
        registry.store_activation(connection, request, decision, answer, pin=pin_number, act=act)
        _log.info("key %s: activation %d (request %s)", request.key_number, decision.activation, request.request_id)
        return answer.answer

    def _settle_call(
        self, connection: Connection, call: PhoneCall, code: RequestCode, pin: str, by: Actor
    ) -> str | Refusal:
        key = registry.find_key(connection, call.key_number, lock=True)
        if key is None:
            return unknown_key(call.key_number)
        act = Act(int(self._clock()), by)
        request = request_of(call, code, now=act.at)
        case, pin_number = registry.case_of(connection, key, pin, now=act.at)
        earlier = registry.find_answer(connection, request.request_id)
        if earlier is not None:  # a code is no secret, so whoever asks again shows the PIN again
            refusal = judge_pin(case) or _other_pin(earlier, call, pin)
            return _refused(connection, request, refusal, act=act) if refusal else earlier.answer
        ticket = self._phone.ticket(case.key, self._vendor)
        decision = decide_call(case, request, code, ticket, now=act.at)
        if judge_pin(case) is None:
            _watch_computer(connection, request, case, act=act)
        if isinstance(decision, Refusal):
            return _refused(connection, request, decision, act=act)
        assert pin_number is not None  # as above
        answer = StoredAnswer(pin, self._phone.answer(ticket, decision.activation, code))
        registry.store_activation(connection, request, decision, answer, pin=pin_number, act=act, by_phone=True)
        _log.info("key %s: activation %d by telephone", request.key_number, decision.activation)
        return answer.answer

    def _settle_pack(
        self, connection: Connection, request: PackRequest, request_digest: str, password: str, by: Actor
    ) -> str | Refusal:
        key = registry.find_key(connection, request.key_number, lock=True)
        if key is None:
            return unknown_key(request.key_number)
        pack = pack_registry.find_pack(connection, request.pack, lock=True)
        if pack is None:
            return unknown_pack(request.pack)
        earlier = pack_registry.find_pack_answer(connection, request.request_id)
        if earlier is not None:
            return _again(earlier, request, request_digest)
        act = Act(int(self._clock()), by)
        case = pack_registry.pack_case_of(connection, pack, request, password, now=act.at)
        if case.issued is not None:
            case = replace(case, issued=learned(case.issued, request.license, self._authority))
        _watch_old_self(connection, request, act=act)
        self._watch_copy(connection, request, act=act)
        decision = decide_pack(case, request, now=act.at)
        if isinstance(decision, Refusal):
            return _refused(connection, request, decision, act=act, pack=request.pack)
        answer = StoredAnswer(request_digest, seal(decision, self._authority.vendor))
        pack_registry.store_pack_activation(connection, request.pack, decision, answer, act=act)
        _log.info("key %s: pack %s (request %s)", request.key_number, request.pack, request.request_id)
        return answer.answer

    def _watch_copy(self, connection: Connection, request: PackRequest, *, act: Act) -> None:
        number, request_id = request.key_number, request.request_id
        differ = copied(registry.selves_of(connection, number), request.license, self._authority)
        if differ is not None:
            registry.record_clone(connection, number, differ, by="pack_request", request_id=request_id, act=act)

    def _unseal(self, sealed: str, context: str) -> str:
        try:
            typed = unseal(self._authority.exchange, sealed, context=context)
        except UnsealError as error:
            raise DocumentError(
                "what is sealed in the request was not sealed for this center",
                code="foreign_request",
                hint="Make the request anew with this vendor's kit",
            ) from error
        return _normalized(typed.decode(errors="replace"))


def _normalized(typed: str) -> str:
    try:
        return normalize_pin(typed)
    except CenterError:
        return ""  # nothing that could be one: it is judged like every other wrong one


def _again(earlier: StoredAnswer, request: ActivationRequest | PackRequest, request_digest: str) -> str | Refusal:
    if earlier.request_digest == request_digest:
        return earlier.answer
    return Refusal(
        "request_conflict",
        f"another request was already answered under the id {request.request_id}",
        "Make a new request",
    )


def _other_pin(earlier: StoredAnswer, call: PhoneCall, pin: str) -> Refusal | None:
    if earlier.request_digest == pin:
        return None
    return Refusal(
        "request_conflict",
        f"this request code was answered before, with another PIN of the key {call.key_number}",
        "Ask for that PIN: it gets the same answer again",
    )


def _watch_old_self(connection: Connection, request: ActivationRequest | PackRequest, *, act: Act) -> None:
    differ = old_self(registry.selves_of(connection, request.key_number), request.key_public)
    if differ is not None:
        by = "pack_request" if isinstance(request, PackRequest) else "repeated_request"
        number, request_id = request.key_number, request.request_id
        registry.record_clone(connection, number, differ, by=by, request_id=request_id, act=act)


def _watch_computer(connection: Connection, request: ActivationRequest, case: Case, *, act: Act) -> None:
    selves = registry.selves_of(connection, request.key_number) if case.last is not None else []
    differ = other_computer(selves, request.facts, same_facts=case.key.same_facts)
    if differ is not None:
        number, request_id = request.key_number, request.request_id
        registry.record_clone(connection, number, differ, by="activation", request_id=request_id, act=act)


def _refused(
    connection: Connection,
    request: ActivationRequest | PackRequest,
    refusal: Refusal,
    *,
    act: Act,
    pack: str | None = None,
) -> Refusal:
    _log.warning("key %s: refused, %s (request %s)", request.key_number, refusal.code, request.request_id)
    if refusal.code != "too_many_attempts":
        registry.record(
            connection,
            "refused",
            act=act,
            key_number=request.key_number,
            pack=pack,
            code=refusal.code,
            request_id=request.request_id,
        )
    return refusal
