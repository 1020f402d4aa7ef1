# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``server_config`` (docs/specification.md, section 3)."""

from __future__ import annotations

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan
from ansible_collections.protect.licensing.plugins.module_utils._ini import (
    IniText,
    check_server_ini,
    seal_credential,
    verify_credential,
)
from ansible_collections.protect.licensing.plugins.module_utils._server_config import OPTIONS_SPEC, plan_server_config


def plan(current: bytes | None, **wanted: object) -> FilePlan:
    options = {name: spec.get("default") for name, spec in OPTIONS_SPEC.items()}
    return plan_server_config(current, {**options, **wanted})


def after(planned: FilePlan) -> IniText:
    assert planned.after is not None
    return IniText.parse(planned.after)


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return f"user={seal_credential('admin')}\npassword={seal_credential('secret')}\n".encode()


def test_no_option_changes_nothing() -> None:
    assert not plan(b"; mine\r\nport=15300\r\n").changed


def test_an_option_changes_its_line_only() -> None:
    planned = plan("; сервер\r\nPORT=15300\r\nmore=1\r\n".encode("cp1251"), port=15400)
    assert planned.after == "; сервер\r\nPORT=15400\r\nmore=1\r\n".encode("cp1251")


def test_every_option_is_written_in_the_style_of_the_file() -> None:
    tls = {"tls": True, "tls_certificate": "/c", "tls_key": "/k"}
    network = {"port": 1, "web_port": 2, "local": False, "bind_address": "::1", "names": ["a", "b"]}
    planned = plan(b"", **network, idle_minutes=0, language="ru", **tls)
    assert planned.after == (
        b"port=1\nWebPort=2\nLocal=0\nBindAddress=::1\nNames=a,b\nIdleTime=0\n"
        b"TLS=1\nTLSCertificate=/c\nTLSKey=/k\nLanguage=ru\n"
    )


@pytest.mark.parametrize("current", [b"", b"port=15200\n", b"port=015200\n", b"Port = 15200\n"])
def test_a_value_that_means_the_same_is_left(current: bytes) -> None:
    assert not plan(current, port=15200).changed


def test_names_that_mean_the_same_are_left() -> None:
    assert not plan(b"Names=Licenses.Example ,b\n", names=["licenses.example", "B."]).changed
    assert plan(b"Names=a\n", names=[]).after == b"Names=\n"


def test_an_empty_certificate_means_the_one_that_the_server_makes() -> None:
    assert not plan(b"TLS=1\n", tls_certificate="", tls_key="").changed
    own = b"TLSCertificate=/c\nTLSKey=/k\n"
    assert plan(own, tls_certificate="", tls_key="").after == b"TLSCertificate=\nTLSKey=\n"


def test_half_a_certificate_is_refused() -> None:
    with pytest.raises(ValueError, match="TLSCertificate=/c: stands there without TLSKey"):
        plan(b"", tls_certificate="/c")


def test_a_value_that_means_nothing_is_corrected() -> None:
    assert plan(b"port=many\n", port=15300).after == b"port=15300\n"


def test_a_wrong_value_that_nobody_wants_corrected_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2: IdleTime=long: not a number from 0 to 1440"):
        plan(b"port=1\nIdleTime=long\n", port=2)


@pytest.mark.parametrize("current", [None, b"; ours\nport=15200\n"])
def test_a_wrong_wanted_value_is_refused_by_the_name_of_its_option(current: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"^web_port: 70000: not a number from 1 to 65535$"):
        plan(current, web_port=70000)


def test_a_first_file_starts_from_the_initial_text() -> None:
    assert plan(None, initial_text="; ours\nport=15300\n", port=15400).after == b"; ours\nport=15400\n"


def test_the_initial_text_is_not_used_where_there_is_a_file() -> None:
    assert not plan(b"", initial_text="port=15300\n").changed


def test_a_wrong_initial_text_is_named() -> None:
    with pytest.raises(ValueError, match="initial_text: line 1: port=x: not a number"):
        plan(None, initial_text="port=x\n", port=15300)


def test_credentials_are_stored_so_that_they_verify() -> None:
    ini = after(plan(b"", user="admin", password="secret"))
    assert verify_credential(ini.get("user") or "", "admin")
    assert verify_credential(ini.get("password") or "", "secret")


def test_equal_credentials_are_not_written_again(sealed: bytes) -> None:
    assert not plan(sealed, user="admin", password="secret").changed


def test_a_changed_password_leaves_the_user(sealed: bytes) -> None:
    planned = plan(sealed, user="admin", password="other")
    assert after(planned).get("user") == IniText.parse(sealed).get("user")
    assert verify_credential(after(planned).get("password") or "", "other")


def test_an_empty_user_removes_both(sealed: bytes) -> None:
    assert plan(b"port=1\n" + sealed, user="").after == b"port=1\n"


@pytest.mark.parametrize("wanted", [{"user": "admin"}, {"password": "secret"}, {"user": "admin", "password": ""}])
def test_half_a_credential_is_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="user and password belong together"):
        plan(b"", **wanted)


@pytest.mark.parametrize("wanted", [{"user": "an:na"}, {"user": "anna "}, {"user": "an\tna"}, {"password": "a\0b"}])
def test_credentials_with_which_nobody_could_sign_in_are_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must be one line"):
        plan(b"", **{"user": "anna", "password": "secret", **wanted})


def test_the_diff_hides_credentials(sealed: bytes) -> None:
    planned = plan(sealed, user="admin", password="other", port=1)
    assert planned.diff == {
        "before": "user=(set)\npassword=(set)\n",
        "after": "user=(set)\npassword=(changed)\nport=1\n",
    }


def test_the_settings_are_those_of_the_planned_file_without_credentials(sealed: bytes) -> None:
    settings = plan(sealed, local=False).settings
    expected: dict[str, object] = dict(check_server_ini(IniText.parse(b"Local=0")))
    del expected["user"], expected["password"]
    assert settings == {**expected, "credentials_set": True}
