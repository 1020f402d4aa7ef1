# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings page writes the ini as the module ``server_config`` does, byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.protect.licensing.plugins.module_utils._server_config import plan_server_config
from licserver.server import settings_change
from licserver.server.settings_change import SettingError, SettingsChange, change_ini

PATHS = st.sampled_from(["", "/tls/certificate.pem", "C:\\tls\\key.pem", "relative", "/день.pem"])
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "port": st.sampled_from([0, 15200, 15201, 15300]),
        "web_port": st.sampled_from([15200, 15201, 70000]),
        "local": st.booleans(),
        "bind_address": st.sampled_from(["", "127.0.0.1", "::1", "server"]),
        "names": st.sampled_from([[], ["a"], ["A.example", "b"], ["a:1"], [""], ["день.рф"]]),
        "idle_minutes": st.sampled_from([-1, 0, 10, 1440]),
        "user": st.sampled_from(["", "anna", "an:na"]),
        "password": st.sampled_from(["", "secret", "sec\nret"]),
        "tls": st.booleans(),
        "tls_certificate": PATHS,
        "tls_key": PATHS,
        "language": st.sampled_from(["", "ru", "RU"]),
    },
)
FILES = st.sampled_from(
    [
        b"",
        b"port=15200",
        b"; ours\r\nPORT = 15300\r\nunknown=1\r\n",
        "; сервер\nLocal=0\nIdleTime=10\n".encode("cp1251"),
        b"\xef\xbb\xbfWebPort=15300\n\nTLS=1\n",
        b"port=x\n",
    ]
)


@pytest.fixture(autouse=True, scope="module")
def sealing_without_salt() -> Any:
    """Two seals of one secret are equal."""
    from ansible_collections.protect.licensing.plugins.module_utils import _server_config

    with pytest.MonkeyPatch.context() as patch:
        for module in (settings_change, _server_config):
            patch.setattr(module, "seal_credential", lambda secret: SEALS[secret])
            patch.setattr(module, "verify_credential", lambda sealed, secret: sealed == SEALS[secret])
        yield


SALT = "A" * 22 + "=="
SEALS = {secret: f"scrypt$14$8$1${SALT}${letter * 43}=" for secret, letter in (("anna", "A"), ("secret", "B"))}


@given(FILES, CHANGES)
def test_page_and_module_write_the_same_ini(data: bytes, wanted: dict[str, Any]) -> None:
    everything = {name: wanted.get(name) for name in SettingsChange.__struct_fields__}
    try:
        by_module: bytes | None = plan_server_config(
            data, {**everything, "token_module": None, "initial_text": ""}
        ).after
    except ValueError:
        by_module = None
    try:
        by_page: bytes | None = change_ini(data, SettingsChange(**wanted))
    except (SettingError, ValueError):
        by_page = None

    assert by_page == by_module
