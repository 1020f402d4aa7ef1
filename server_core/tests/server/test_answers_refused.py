# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that a server must not take: each is refused with its reason, and the server is as it was."""

import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from licserver.activation.carried import write_answer
from licserver.armor import armor, dearmor
from licserver.documents import FactDigest, License, open_sealed, seal, signer_id
from licserver.sealing import Ed25519PrivateKey
from licserver.system import this_system
from server_core.tests.center.helpers import SERVER
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import ServerThread
from server_core.tests.server.branch import Branch

OTHER = "100-0002"


class Desk:
    """Where answers come in, good ones and bad ones."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch

    def request(self, pin: str = "1111-1111", **more: Any) -> str:
        status, answer = self.branch.post("requests", key_number=KEY, pin=pin, kit=self.branch.kit, **more)
        assert status == 200, answer
        return dearmor(answer["request"]["text"])["REQUEST"]

    def answer(self, pin: str = "1111-1111", **more: Any) -> str:
        """The answer of the center to a request that waits for it."""
        return write_answer(self.branch.issuer.answer(self.request(pin, **more), SERVER))

    def signed_anew(self, answer: str, signer: Ed25519PrivateKey | None = None, **changes: Any) -> str:
        """An answer that says something else, signed by the vendor himself or by another."""
        token = dearmor(answer)["LICENSE"]
        license = open_sealed(token, License, self.branch.signer.public_key())
        return write_answer(seal(msgspec.structs.replace(license, **changes), signer or self.branch.signer))

    def load(self, text: str) -> tuple[int, Any]:
        return self.branch.post("answers", text=text)

    def files(self) -> dict[str, bytes]:
        """What the server keeps of keys, kits and requests."""
        state = self.branch.server.state
        folders = (this_system().key_folder(state), state / "kits", state / "requests")
        return {str(path): path.read_bytes() for folder in folders for path in folder.iterdir()}

    def refused(self, text: str) -> str:
        """The code and the message of a refusal that left everything as it was."""
        before = self.files()
        status, answer = self.load(text)
        assert (status, self.files()) == (409, before)
        return f"{answer['error']['code']}: {answer['error']['message']}"


@pytest.fixture
def desk(branch: Branch) -> Desk:
    return Desk(branch)


def altered(answer: str) -> str:
    """The answer with another last letter but two in its signature."""
    token = dearmor(answer)["LICENSE"]
    at = len(token) - 10
    return write_answer(f"{token[:at]}{'A' if token[at] != 'A' else 'B'}{token[at + 1 :]}")


SPOILED: dict[str, tuple[Callable[[Desk, str], str], str]] = {
    "nothing": (lambda _, answer: "", "bad_answer: this is not an answer of the activation center: the text holds no"),
    "something else": (lambda _, answer: "Dear Sir, please find attached", "bad_answer: "),
    "cut": (lambda _, answer: answer[:-200], "bad_answer: this is not an answer of the activation center: the text"),
    "cut inside": (lambda _, answer: answer.replace(answer.splitlines()[-3] + "\n", ""), "bad_"),
    "twice in one file": (lambda _, answer: answer * 2, "bad_answer: this is not an answer of the activation center"),
    "its request": (
        lambda desk, _: armor("Protect activation request", {}, {"REQUEST": desk.request()}),
        "bad_answer: ",
    ),
    "another head": (
        lambda _, answer: answer.replace("Licenses: main (session) 2", "Licenses: main (session) 2000"),
        "bad_answer: this is not an answer of the activation center: the readable head was altered",
    ),
    "another signature": (lambda _, answer: altered(answer), "bad_document: the signature"),
    "of another vendor": (
        lambda desk, answer: desk.signed_anew(answer, Ed25519PrivateKey.generate()),
        "bad_kit: the kit of Vendor has no signing key",
    ),
    "of another request": (
        lambda desk, answer: desk.signed_anew(answer, request_id="x" * 32),
        f"foreign_answer: no request of this server waits for this answer for the key {KEY}",
    ),
    "for another key": (
        lambda desk, answer: desk.signed_anew(answer, key_number=OTHER),
        f"bad_answer: this answer is for the key {OTHER} and another request",
    ),
    "for another computer": (
        lambda desk, answer: desk.signed_anew(answer, facts={"disk": FactDigest(source="serial", digest="0")}),
        "bad_answer: this answer is for another computer",
    ),
    "for another key pair": (
        lambda desk, answer: desk.signed_anew(answer, key_public="0" * 43),
        "bad_answer: this answer is for another computer",
    ),
    "expired": (
        lambda desk, answer: desk.signed_anew(answer, expires_at=int(time.time()) - 1),
        f"key_expired: the key {KEY} in this answer has expired",
    ),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_bad_answer_is_refused_with_the_reason_and_the_good_one_still_loads(desk: Desk, name: str) -> None:
    spoil, reason = SPOILED[name]
    answer = desk.answer()

    assert desk.refused(spoil(desk, answer)).startswith(reason)
    assert desk.load(answer)[0] == 200


def test_an_answer_that_was_loaded_is_refused_the_second_time(desk: Desk) -> None:
    answer = desk.answer()
    desk.load(answer)

    assert desk.refused(answer).startswith("answer_used: ")


def test_an_answer_to_an_earlier_activation_is_refused(desk: Desk, computer: Computer) -> None:
    first = desk.answer()
    desk.load(first)
    computer.facts["board"] = "another"
    desk.load(desk.answer("2222-2222", reactivate=True))

    assert desk.refused(first).startswith("answer_used: this answer for the key")


def test_an_answer_does_not_break_a_key_that_works_again(desk: Desk, computer: Computer) -> None:
    desk.load(desk.answer())
    computer.facts["board"] = "another"
    answer = desk.answer("2222-2222", reactivate=True)
    computer.facts["board"] = "first board"

    refusal = desk.refused(answer)

    assert refusal.startswith("other_computer: the key works, and with this answer it would not: ")
    assert "the motherboard differs" in refusal
    computer.facts["board"] = "another"
    assert desk.load(answer)[0] == 200


def test_an_answer_to_a_request_that_was_given_up_is_refused(desk: Desk) -> None:
    given_up = desk.request()
    desk.request("2222-2222", anew=True)

    assert desk.refused(write_answer(desk.branch.issuer.answer(given_up, SERVER))).startswith("foreign_answer: ")


def test_an_answer_to_a_request_that_was_damaged_is_refused_and_says_so(desk: Desk) -> None:
    answer = desk.answer()
    (waiting,) = (desk.branch.server.state / "requests").iterdir()
    waiting.write_bytes(waiting.read_bytes()[:-1])

    status, refused = desk.load(answer)

    assert (status, refused["error"]["code"]) == (409, "request_damaged")
    assert f"{waiting.name}.corrupt-" in refused["error"]["message"]
    assert desk.load(desk.answer("2222-2222"))[0] == 200


def test_an_answer_of_another_server_is_refused(
    desk: Desk, branch: Branch, make_server: Callable[..., ServerThread]
) -> None:
    other = Desk(branch.beside(make_server("other").start()))

    assert other.refused(desk.answer()).startswith("foreign_answer: ")


def test_who_signed_an_answer_counts_and_not_who_it_says_did(desk: Desk, vendor: Vendor) -> None:
    answer = desk.answer()
    forged = desk.signed_anew(answer, vendor.signer)
    token = dearmor(forged)["LICENSE"]
    good = dearmor(answer)["LICENSE"]
    mixed = ".".join([good.split(".")[0], *token.split(".")[1:]])

    assert signer_id(mixed, License) == signer_id(good, License)
    assert desk.refused(write_answer(mixed)).startswith("bad_document: the signature")
