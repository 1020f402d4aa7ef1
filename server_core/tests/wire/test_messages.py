# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Messages and the proofs in them."""

import msgspec
import pytest

from licserver.wire.messages import AnyAnswer, AnyRequest, access_key, access_proof, lease_mac

LOGIN = {
    "type": "login",
    "id": 1,
    "product": "retail",
    "nonce": "n",
    "holder": {"user": "Анна", "computer": "pc", "client_public": "c"},
    "client_proof": "p",
}


def request(**changes: object) -> AnyRequest:
    converted: AnyRequest = msgspec.convert({**LOGIN, **changes}, AnyRequest)
    return converted


def holder(**changes: object) -> dict[str, object]:
    return {"user": "Анна", "computer": "pc", "client_public": "c", **changes}


def test_a_login_needs_no_more_than_who_and_what() -> None:
    assert request().id == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"id": -1},
        {"id": 2**53},
        {"id": 1.5},
        {"product": ""},
        {"product": "a b"},
        {"product": "x" * 65},
        {"counter": "../x"},
        {"nonce": "x" * 65},
        {"access_proof": "x" * 65},
        {"client_proof": "x" * 65},
        {"holder": holder(user="x" * 257)},
        {"holder": holder(client_public="x" * 65)},
        {"holder": holder(session_number=-1)},
        {"holder": holder(rdp_session=2**53)},
    ],
)
def test_every_field_has_its_limits(changes: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        request(**changes)


@pytest.mark.parametrize("field", ["nonce", "access_proof", "client_proof"])
@pytest.mark.parametrize("text", ["é", "Ж", "\0", "a b", "a\n", "+/="])
def test_a_proof_is_base64url_and_nothing_else(field: str, text: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        request(**{field: text})


@pytest.mark.parametrize("kind", ["renew", "logout"])
def test_a_proof_of_a_lease_is_base64url_and_nothing_else(kind: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": kind, "id": 1, "lease": "l", "sequence": 1, "mac": "é"}, AnyRequest)


def test_a_servers_proof_is_base64url_and_nothing_else() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"type": "freed", "id": 1, "lease": "l", "sequence": 1, "mac": "é"}, AnyAnswer)


@pytest.mark.parametrize("field", ["user", "computer"])
@pytest.mark.parametrize("character", ["\n", "\r", "\0", "\x1b", "\x7f", "\x85", "\u2028"])
def test_a_name_cannot_write_a_line_of_its_own_into_a_log(field: str, character: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        request(holder=holder(**{field: f"anna{character}lease 1: boris"}))


@pytest.mark.parametrize("field", ["message", "hint"])
def test_a_refusal_cannot_write_a_line_of_its_own_on_a_terminal(field: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"type": "failed", "id": 1, "code": "c", "message": "", field: "no\nok: all is well"}, AnyAnswer
        )


@pytest.mark.parametrize("name", ["Анна Каренина", "DOMAIN\\anna", "anna@example.com", "李 明", ""])
def test_any_readable_name_will_do(name: str) -> None:
    assert request(holder=holder(user=name)).id == 1


def test_a_mac_depends_on_secret_and_every_part() -> None:
    macs = {
        lease_mac(b"s", "renew", "lease", 1),
        lease_mac(b"t", "renew", "lease", 1),
        lease_mac(b"s", "logout", "lease", 1),
        lease_mac(b"s", "renew", "other", 1),
        lease_mac(b"s", "renew", "lease", 2),
    }

    assert len(macs) == 5


def test_an_access_code_is_slow_to_try_and_always_the_same_key() -> None:
    assert access_key("открой", "s") == access_key("открой", "s") != access_key("Открой", "s")
    assert len(access_key("x", "s")) == 32


def test_what_is_derived_for_one_server_serves_for_no_other() -> None:
    assert access_key("открой", "one") != access_key("открой", "other")


def test_a_proof_of_an_access_code_is_good_for_one_login_of_one_client() -> None:
    proofs = {
        access_proof(key, challenge, nonce, client)
        for key in (b"1", b"2")
        for challenge in ("a", "b")
        for nonce in ("a", "b")
        for client in ("a", "b")
    }

    assert len(proofs) == 16
