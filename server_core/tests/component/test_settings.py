# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""client.ini: where a client computer looks."""

from pathlib import Path

import pytest

from licserver.component import ClientSettings, ClientSettingsError, read_client_settings
from server_core.tests.portable import IS_A_DIRECTORY


@pytest.fixture
def ini(tmp_path: Path) -> Path:
    return tmp_path / "client.ini"


def test_without_a_file_the_server_is_on_this_computer(ini: Path) -> None:
    assert read_client_settings(ini) == ClientSettings(servers=("*LOCAL",), access_code=None)


def test_servers_stand_in_order_of_preference(ini: Path) -> None:
    ini.write_text("server=branch, 10.0.0.1:16000, *auto\naccess_code=код\n", encoding="utf-8")

    assert read_client_settings(ini) == ClientSettings(("branch", "10.0.0.1:16000", "*AUTO"), "код")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("server=*SOMEWHERE", "line 1: server=*SOMEWHERE"),
        ("\nserver=a:b", "line 2: server=a:b"),
        ("x", "line 1: no '=' in the line"),
    ],
)
def test_a_wrong_file_is_refused_with_file_line_key_and_value(ini: Path, text: str, named: str) -> None:
    ini.write_text(text)

    with pytest.raises(ClientSettingsError) as error:
        read_client_settings(ini)

    assert f"{ini}: {named}" in error.value.message


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ClientSettingsError, match=IS_A_DIRECTORY):
        read_client_settings(tmp_path)
