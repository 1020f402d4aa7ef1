# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients and servers of different ages. docs/protocol.md, "Versions"."""

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from licserver.component import ClientSettings, LicenseDeniedError, ProtectionComponent, ServerNotFoundError
from licserver.wire.conversation import encode
from licserver.wire.messages import AnyRequest, Failed
from server_core.tests.component.helpers import serving
from server_core.tests.helpers import PRODUCT, Vendor
from server_core.tests.running import DEADLINE_SECONDS, PORT, ServerThread

Say = Callable[[Any], dict[str, Any] | None]


@pytest.fixture
def say(server: ServerThread) -> Iterator[Say]:
    """Says one thing to a real server, and returns its answer; ``None`` when it hung up."""
    with socket.create_connection((server.address, PORT), timeout=DEADLINE_SECONDS) as connection:
        received = connection.makefile("rb")

        def say(request: Any) -> dict[str, Any] | None:
            try:
                connection.sendall(json.dumps(request).encode() + b"\n")
                line = received.readline()
            except ConnectionError:
                return None
            return json.loads(line) if line else None

        yield say


def hello(versions: list[int], **more: Any) -> dict[str, Any]:
    return {"type": "hello", "id": 1, "versions": versions, **more}


@pytest.mark.parametrize("versions", [[1], [1, 2, 3], [9, 1], [-1, 0, 1, 2**53], [1, 1, 1]])
def test_the_server_chooses_a_version_that_both_speak(say: Say, versions: list[int]) -> None:
    answer = say(hello(versions))

    assert answer is not None
    assert (answer["type"], answer["version"]) == ("welcome", 1)


@pytest.mark.parametrize("versions", [[], [2], [0], [2, 3, 4]])
def test_with_none_in_common_it_says_what_it_speaks_and_hangs_up(say: Say, versions: list[int]) -> None:
    answer = say(hello(versions))

    assert answer is not None
    assert (answer["code"], answer["id"]) == ("unknown_version", 1)
    assert "[1]" in answer["message"]
    assert say(hello([1])) is None


@pytest.mark.parametrize("versions", [None, 1, "1", ["1"], [1.5], [True], [1] * 33])
def test_versions_of_another_kind_are_no_hello(say: Say, versions: Any) -> None:
    answer = say(hello(versions))

    assert answer is not None
    assert answer["code"] == "bad_message"


def test_a_server_passes_over_what_a_newer_client_adds(say: Say) -> None:
    answer = say(hello([1, 2], compression="zstd", extensions={"deep": [1, {"deeper": None}]}))

    assert answer is not None
    assert answer["type"] == "welcome"


def test_a_request_of_a_later_version_is_refused_and_the_conversation_goes_on(say: Say) -> None:
    say(hello([1]))
    refused = say({"type": "transfer", "id": 2, "lease": "x"})
    again = say(hello([1]))

    assert refused is not None
    assert again is not None
    assert (refused["code"], refused["id"], again["type"]) == ("bad_message", 2, "welcome")


def component(vendor: Vendor, address: str) -> ProtectionComponent:
    return ProtectionComponent(PRODUCT, vendor.kit, settings=ClientSettings((address,)))


def test_a_client_passes_over_what_a_newer_server_adds(server: ServerThread, vendor: Vendor) -> None:
    with server.client() as client:

        def reply(request: AnyRequest) -> bytes:
            answer = msgspec.json.decode(encode(client.ask(request)))  # type: ignore[arg-type]
            return msgspec.json.encode({**answer, "region": "north", "more": [{"nested": None}]}) + b"\n"

        with serving(reply) as address, component(vendor, address).acquire() as license:
            license.renew()


def test_a_client_hangs_up_where_a_version_is_chosen_that_was_not_offered(server: ServerThread, vendor: Vendor) -> None:
    with server.client() as client:

        def reply(request: AnyRequest) -> bytes:
            return encode(msgspec.structs.replace(client.ask(request), version=2))  # type: ignore[type-var]

        with serving(reply) as address, pytest.raises(ServerNotFoundError, match="it chose version 2 of the protocol"):
            component(vendor, address).acquire()


def test_a_client_says_that_the_server_is_of_another_version(vendor: Vendor) -> None:
    refusal = Failed(id=1, code="unknown_version", message="this server speaks the versions [2, 3] of the protocol")

    with serving(lambda _: encode(refusal)) as address, pytest.raises(LicenseDeniedError) as error:
        component(vendor, address).acquire()

    assert error.value.code == "unknown_version"
