# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``client_config`` (docs/specification.md, section 4)."""

from __future__ import annotations

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._client_config import OPTIONS_SPEC, plan_client_config
from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan


def plan(current: bytes | None, **wanted: object) -> FilePlan:
    options = {name: spec.get("default") for name, spec in OPTIONS_SPEC.items()}
    return plan_client_config(current, {**options, **wanted})


def test_a_first_file_holds_the_servers() -> None:
    assert plan(None, servers=["*LOCAL", "branch:15300"]).after == b"server=*LOCAL,branch:15300\n"


@pytest.mark.parametrize("current", [b"server=*LOCAL,branch\n", b"SERVER = *local , branch\r\n"])
def test_servers_that_mean_the_same_are_left(current: bytes) -> None:
    assert not plan(current, servers=["*local", "branch"]).changed


def test_another_order_is_a_change() -> None:
    assert plan(b"server=a,b\n", servers=["b", "a"]).after == b"server=b,a\n"


def test_servers_that_mean_nothing_are_corrected() -> None:
    assert plan(b"; mine\r\nserver=*ANY\r\n", servers=["*AUTO"]).after == b"; mine\r\nserver=*AUTO\r\n"


@pytest.mark.parametrize("servers", [[], ["a b"], ["host:0"], ["*ANY"]])
def test_wrong_servers_are_refused(servers: list[str]) -> None:
    with pytest.raises(ValueError, match="servers: "):
        plan(b"server=good\n", servers=servers)


def test_an_access_code_is_set_beside_the_servers() -> None:
    assert plan(b"server=a\n", access_code="firm").after == b"server=a\naccess_code=firm\n"


def test_an_equal_access_code_is_left() -> None:
    assert not plan(b"access_code=firm\n", access_code="firm").changed


def test_an_empty_access_code_is_removed() -> None:
    assert plan(b"server=a\naccess_code=firm\n", access_code="").after == b"server=a\n"


def test_pins_are_written_in_one_form() -> None:
    colons = ":".join(["AB"] * 32)
    assert plan(None, tls_pins=[f"sha256:{colons}", "0" * 64]).after == f"tls_pins={'ab' * 32},{'0' * 64}\n".encode()


def test_pins_that_mean_the_same_are_left() -> None:
    assert not plan(f"tls_pins=SHA256:{'AB' * 32}\n".encode(), tls_pins=["ab" * 32]).changed


def test_an_empty_list_removes_the_pins() -> None:
    assert plan(f"server=a\ntls_pins={'ab' * 32}\n".encode(), tls_pins=[]).after == b"server=a\n"


@pytest.mark.parametrize("pin", ["", "ab", "g" * 64, "md5:" + "a" * 64])
def test_wrong_pins_are_refused(pin: str) -> None:
    with pytest.raises(ValueError, match=r"tls_pins: .* is not the SHA-256 of a certificate"):
        plan(b"server=good\n", tls_pins=[pin])


def test_the_diff_hides_the_access_code() -> None:
    planned = plan(b"server=a\naccess_code=old\n", access_code="new")
    assert planned.diff == {"before": "server=a\naccess_code=(set)\n", "after": "server=a\naccess_code=(changed)\n"}


def test_the_settings_hide_the_access_code() -> None:
    assert plan(None, access_code="firm").settings == {"servers": ["*LOCAL"], "access_code_set": True, "tls_pins": []}


def test_absent_plans_no_file() -> None:
    planned = plan(b"whatever is not an ini", state="absent")
    assert planned.changed
    assert planned.after is None


def test_absent_without_a_file_changes_nothing() -> None:
    assert not plan(None, state="absent").changed
