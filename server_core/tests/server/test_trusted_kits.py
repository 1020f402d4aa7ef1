# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A token for a day's work decides neither whom the server believes nor which addresses it asks."""

from typing import Any

import pytest

from server_core.tests.helpers import KEY
from server_core.tests.server.branch import Branch
from server_core.tests.server.helpers import bearer
from server_core.tests.server.test_tokens import token


class Operator:
    """A program with a token of the scope ``operate``."""

    def __init__(self, branch: Branch) -> None:
        self.branch = branch
        self._headers = token(branch.server, "operate")

    def post(self, path: str, **body: Any) -> tuple[int, str]:
        """The status, and the code of a refusal."""
        status, answer = self.branch.server.http("POST", f"/api/v1/{path}", body, **self._headers)
        return status, answer["error"]["code"] if status != 200 else ""

    def activate(self, path: str = "activations", **more: Any) -> tuple[int, str]:
        return self.post(path, **{"key_number": KEY, "pin": "1111-1111", "kit": self.branch.kit, **more})


@pytest.fixture
def operator(branch: Branch) -> Operator:
    """One on a server without keys, to which an administrator has given the kit of a vendor."""
    branch.server.http("POST", "/api/v1/kits", {"kit": branch.kit}, **bearer(branch.server))
    return Operator(branch)


@pytest.mark.parametrize("path", ["activations", "requests"])
@pytest.mark.parametrize("change", [{"center_url": "https://192.0.2.1"}, {"center_ca": None, "mail": "x@y.example"}])
def test_a_kit_that_the_server_does_not_have_is_refused(operator: Operator, path: str, change: dict[str, Any]) -> None:
    assert operator.activate(path, kit={**operator.branch.kit, **change}) == (409, "unknown_kit")
    assert operator.branch.center.asked == []
    assert operator.branch.server.http("GET", "/api/v1/requests", **bearer(operator.branch.server))[1]["requests"] == []


def test_no_other_address_is_asked(operator: Operator) -> None:
    assert operator.activate(center_url="https://192.0.2.1") == (409, "unknown_center")


def test_a_kit_that_the_server_has_activates_keys_and_packs(operator: Operator) -> None:
    pack = {"key_number": KEY, "pack": "P-1", "password": "abcd-1234"}

    assert operator.activate(center_url=f"{operator.branch.center.url}/") == (200, "")
    with operator.branch.server.client() as client:
        client.take()
        assert operator.post("packs", **pack, center_url="https://192.0.2.1") == (409, "unknown_center")
        assert operator.post("packs", **pack) == (200, "")


def test_an_administrator_asks_another_address(branch: Branch) -> None:
    kit = {**branch.kit, "center_url": "https://192.0.2.1"}

    order = {"key_number": KEY, "pin": "1111-1111", "kit": kit, "center_url": branch.center.url}
    assert branch.post("activations", **order)[0] == 200
