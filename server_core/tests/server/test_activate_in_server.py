# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Activation as a running server is asked for it."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from licserver.server.activate import ActivationOrder
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.running import ServerThread
from server_core.tests.server.center_page import Center


class TestInAServer:
    def ask(self, server: ServerThread, order: ActivationOrder, **changes: Any) -> tuple[int, Any]:
        body = {**msgspec.to_builtins(order), **changes}
        return server.http("POST", "/api/v1/activations", body, Authorization=f"Bearer {server.token}")

    @pytest.fixture
    def empty(self, make_server: Callable[..., ServerThread]) -> ServerThread:
        return make_server().start()

    def test_a_key_serves_as_soon_as_it_is_activated(self, empty: ServerThread, order: ActivationOrder) -> None:
        status, answer = self.ask(empty, order)

        assert (status, answer["changed"], answer["key"]["state"]) == (200, True, "active")
        with empty.client() as client:
            assert client.take().lease

    def test_an_active_key_is_no_change_and_the_center_not_asked(
        self, center: Center, empty: ServerThread, order: ActivationOrder
    ) -> None:
        self.ask(empty, order)

        status, answer = self.ask(empty, order, pin="another", reactivate=True)

        assert (status, answer["changed"], len(center.asked)) == (200, False, 1)

    def test_the_same_order_twice_at_once_spends_one_pin(
        self, center: Center, empty: ServerThread, order: ActivationOrder
    ) -> None:
        async def both() -> list[bool]:
            answers = await asyncio.gather(
                empty.server.activations.activate(order), empty.server.activations.activate(order)
            )
            return sorted(answer["changed"] for answer in answers)

        assert empty.call(both()) == [False, True]
        assert len(center.pins) == 1

    def test_a_key_that_was_put_back_while_the_server_runs_is_no_change(
        self, center: Center, empty: ServerThread, order: ActivationOrder, vendor: Vendor, computer: Computer
    ) -> None:
        vendor.install(empty.state, computer)

        _, answer = self.ask(empty, order)

        assert (answer["changed"], answer["key"]["state"]) == (False, "active")
        assert center.asked == []

    def test_a_key_that_does_not_work_after_its_activation_is_no_success(
        self, center: Center, empty: ServerThread, order: ActivationOrder, computer: Computer
    ) -> None:
        center.say(500, b"")
        self.ask(empty, order)
        computer.facts["board"] = "another"
        center.answer = center.license

        status, answer = self.ask(empty, order)

        assert (status, answer["error"]["code"]) == (409, "broken_key")
        assert "the motherboard differs" in answer["error"]["message"]

    def test_a_key_that_stopped_working_needs_to_be_told_so(
        self, center: Center, server: ServerThread, order: ActivationOrder, computer: Computer
    ) -> None:
        computer.facts["board"] = "another"
        server.restart()

        status, answer = self.ask(server, order)

        assert (status, answer["error"]["code"]) == (409, "reactivation_needed")
        assert "the motherboard differs" in answer["error"]["message"]
        assert center.asked == []

    def test_a_reactivated_key_works_again(
        self, server: ServerThread, order: ActivationOrder, computer: Computer
    ) -> None:
        computer.facts["board"] = "another"
        server.restart()

        status, answer = self.ask(server, order, reactivate=True)

        assert (status, answer["changed"], answer["key"]["state"]) == (200, True, "active")

    @pytest.mark.parametrize(
        "changes", [{"key_number": "../x"}, {"pin": None}, {"kit": {}}, {"kit": None}, {"company": "name"}]
    )
    def test_an_order_that_makes_no_sense_is_refused(
        self, empty: ServerThread, order: ActivationOrder, changes: dict[str, Any]
    ) -> None:
        status, answer = self.ask(empty, order, **changes)

        assert (status, answer["error"]["code"]) in [
            (400, "bad_request"),
            (409, "bad_kit" if "kit" in changes else "bad_key_number"),
        ]
        assert "regex" not in answer["error"]["message"]
        assert "1111-1111" not in json.dumps(answer)
