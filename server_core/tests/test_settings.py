# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's settings."""

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.ini_text import seal_credential
from licserver.settings import Settings, SettingsError, read_settings
from server_core.tests.portable import IS_A_DIRECTORY


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return tmp_path / "licserver.ini"


def test_what_an_ini_leaves_out_has_its_default(ini: Path) -> None:
    ini.write_bytes(b"")

    assert read_settings(ini) == Settings(
        port=15200,
        web_port=15201,
        local=True,
        bind_address="",
        names=(),
        idle_seconds=600,
        user=None,
        password=None,
        tls=False,
        tls_certificate=None,
        tls_key=None,
        language="",
        token_module="",
    )


def test_what_an_ini_says_holds(ini: Path) -> None:
    sealed = seal_credential("secret")
    ini.write_text(
        f"; ours\nPORT=1\nwebport=2\nLocal=0\nBindAddress=10.0.0.1\nIdleTime=0\nuser={sealed}\npassword={sealed}\nx=y\n"
        "Names=a,B\nTLS=1\nTLSCertificate=/etc/own.pem\nTLSKey=/etc/own.key\nLanguage=ru\nTokenModule=/usr/lib/p11.so\n"
    )

    assert read_settings(ini) == Settings(
        port=1,
        web_port=2,
        local=False,
        bind_address="10.0.0.1",
        names=("a", "b"),
        idle_seconds=0,
        user=sealed,
        password=sealed,
        tls=True,
        tls_certificate=Path("/etc/own.pem"),
        tls_key=Path("/etc/own.key"),
        language="ru",
        token_module="/usr/lib/p11.so",
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("port=abc", "line 1: port=abc"),
        ("\nport=0", "line 2: port=0"),
        ("port=65536", "line 1: port=65536"),
        ("; c\nLocal=yes", "line 2: Local=yes"),
        ("BindAddress=localhost", "line 1: BindAddress=localhost"),
        ("IdleTime=1441", "line 1: IdleTime=1441"),
        ("port=1\nport=2", "line 2: port"),
        ("hello", "line 1: no '=' in the line"),
        ("WebPort=15200", "line 1: WebPort=15200"),
    ],
)
def test_a_wrong_ini_is_refused_with_file_line_key_and_value(ini: Path, text: str, named: str) -> None:
    ini.write_text(text)

    with pytest.raises(SettingsError) as refused:
        read_settings(ini)

    assert refused.value.code == "bad_ini"
    assert f"{ini}: {named}" in refused.value.message


def test_a_wrong_credential_is_refused_without_repeating_it(ini: Path) -> None:
    ini.write_text("user=admin\npassword=swordfish\n")

    with pytest.raises(SettingsError, match="user: not a sealed credential") as refused:
        read_settings(ini)

    assert "swordfish" not in str(refused.value)


def test_an_ini_that_is_not_there_is_refused_by_name(ini: Path) -> None:
    with pytest.raises(SettingsError, match=r"licserver\.ini: No such file or directory"):
        read_settings(ini)


def test_a_folder_is_no_ini(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=IS_A_DIRECTORY):
        read_settings(tmp_path)


@given(data=st.binary())
def test_any_bytes_are_settings_or_one_clear_error(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.ini"
    path.write_bytes(data)

    try:
        problem = f"{path}: {read_settings(path)}"
    except SettingsError as error:
        problem = error.message

    assert problem.startswith(f"{path}: ")


@pytest.mark.parametrize(
    ("local", "bind_address", "expected"),
    [
        (True, "", "127.0.0.1"),
        (True, "127.0.0.7", "127.0.0.7"),
        (True, "::1", "::1"),
        (True, "10.0.0.1", "127.0.0.1"),
        (True, "0.0.0.0", "127.0.0.1"),
        (True, "::", "127.0.0.1"),
        (False, "", ""),
        (False, "10.0.0.1", "10.0.0.1"),
    ],
)
def test_with_local_the_network_cannot_reach_the_server(local: bool, bind_address: str, expected: str) -> None:
    without = Path(os.devnull)
    values = dataclasses.replace(read_settings(without), local=local, bind_address=bind_address)

    assert values.listen_address == expected
