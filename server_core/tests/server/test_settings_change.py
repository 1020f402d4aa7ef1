# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ini with other settings: what is written, and what stays as somebody wrote it."""

from typing import Any

import pytest

from licserver.ini_text import IniError, IniText, seal_credential, verify_credential
from licserver.server.settings_change import SettingError, SettingsChange, change_ini

INI = b"; ours\r\nPORT = 15200\r\nunknown=1\r\nlocal=0\r\n"


def changed(data: bytes = INI, **wanted: Any) -> bytes:
    return change_ini(data, SettingsChange(**wanted))


def test_only_what_is_wanted_is_written_and_everything_else_stays() -> None:
    assert changed(port=15300, idle_minutes=5) == (b"; ours\r\nPORT = 15300\r\nunknown=1\r\nlocal=0\r\nIdleTime=5\r\n")


@pytest.mark.parametrize("wanted", [{}, {"port": 15200}, {"local": False}, {"idle_minutes": 10}, {"user": ""}])
def test_what_means_the_same_is_not_written(wanted: dict[str, Any]) -> None:
    assert changed(**wanted) == INI


def test_user_and_password_are_sealed_and_not_sealed_again() -> None:
    once = changed(user="anna", password="secret")

    assert verify_credential(IniText.parse(once).get("password") or "", "secret")
    assert b"secret" not in once
    assert changed(once, user="anna", password="secret") == once


def test_an_empty_user_takes_both_away() -> None:
    assert changed(changed(user="anna", password="secret"), user="") == INI


@pytest.mark.parametrize(
    ("wanted", "field", "message"),
    [
        ({"port": 0}, "port", "port=0: not a number from 1 to 65535"),
        ({"web_port": 15200}, "web_port", "port and WebPort must differ"),
        ({"idle_minutes": -1}, "idle_minutes", "not a number from 0 to 1440"),
        ({"bind_address": "localhost"}, "bind_address", "not an IP address"),
        ({"tls_certificate": "relative.pem"}, "tls_certificate", "not a whole path"),
        ({"tls_certificate": "/a.pem"}, "tls_certificate", "stands there without TLSKey"),
        ({"tls_key": "/a\n.pem", "tls_certificate": "/b.pem"}, "tls_key", "one line"),
        ({"language": "de"}, "language", "not en or ru"),
        ({"user": "anna"}, "password", "belong together"),
        ({"password": "secret"}, "user", "belong together"),
        ({"user": "anna", "password": ""}, "password", "belong together"),
        ({"user": "an:na", "password": "secret"}, "user", "without a colon"),
        ({"user": " anna", "password": "secret"}, "user", "without blanks"),
        ({"user": "anna", "password": "sec\nret"}, "password", "one line"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_name(wanted: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(SettingError, match=message) as refused:
        changed(**wanted)

    assert refused.value.field == field


def test_a_password_alone_may_not_change_beside_a_sealed_user() -> None:
    with pytest.raises(SettingError, match="belong together"):
        changed(f"user={seal_credential('anna')}\npassword={seal_credential('x')}\n".encode(), password="new")


def test_a_value_that_is_wrong_already_is_mended_or_told_with_its_line() -> None:
    assert changed(b"Local=1\nport=x\n", port=15300) == b"Local=1\nport=15300\n"
    with pytest.raises(SettingError, match="line 2: port=x"):
        changed(b"Local=1\nport=x\n", idle_minutes=5)


def test_what_is_no_ini_is_told_with_its_line() -> None:
    with pytest.raises(IniError, match="line 2: no"):
        changed(b"Local=1\nno equals\n", port=15300)


def test_what_its_encoding_cannot_hold_is_refused() -> None:
    with pytest.raises(SettingError, match="save the file as UTF-8"):
        changed("; сервер\n".encode("cp1251"), tls_certificate="/日本.pem", tls_key="/b.pem")
