# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``server_config``: the wanted settings and the bytes of ``licserver.ini`` give the planned file.

Pure: it reads and writes nothing, so it serves on the target and on the controller alike. docs/specification.md,
section 3.
"""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan, plan_file
from ansible_collections.protect.licensing.plugins.module_utils._ini import (
    LANGUAGES,
    SERVER_KEYS,
    IniError,
    IniText,
    check_server_ini,
    check_sign_in,
    seal_credential,
    verify_credential,
    write_value,
)

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "port": {"type": "int"},
    "web_port": {"type": "int"},
    "local": {"type": "bool"},
    "bind_address": {"type": "str"},
    "names": {"type": "list", "elements": "str"},
    "idle_minutes": {"type": "int"},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "tls": {"type": "bool"},
    "tls_certificate": {"type": "str"},
    "tls_key": {"type": "str", "no_log": False},
    "language": {"type": "str", "choices": ["", *LANGUAGES]},
    "token_module": {"type": "str", "no_log": False},
    "initial_text": {"type": "str", "default": ""},
}
"""The options that the engine reads, as an argument specification."""

_CREDENTIALS = ("user", "password")


def plan_server_config(current: bytes | None, wanted: Mapping[str, object]) -> FilePlan:
    """Plan ``licserver.ini`` from its bytes (None: there is no file yet) and the options of ``server_config``.

    An option that is None leaves the file's value. A value that means the same is not written again; a credential
    that verifies is not sealed again. Raises :class:`ValueError`: an IniError for what is wrong in the file as it is or
    would be, and one that names the option for a value that cannot be.
    """
    values = _checked_values(wanted)
    ini = _initial_text(str(wanted["initial_text"])) if current is None else IniText.parse(current)
    for name, (value, text) in values.items():
        if not _means(ini, name, value):
            ini.set(name, text)
    _set_credentials(ini, wanted["user"], wanted["password"])
    settings: dict[str, object] = dict(check_server_ini(ini))
    settings["credentials_set"] = settings["password"] is not None
    return plan_file(current, ini, SERVER_KEYS, {k: v for k, v in settings.items() if k not in _CREDENTIALS})


def _checked_values(wanted: Mapping[str, object]) -> dict[str, tuple[object, str]]:
    """Every wanted value, and how it is written, by the name of its key; credentials are not among them."""
    values = {}
    for name, key in SERVER_KEYS.items():
        value = wanted[key.field]
        if name in _CREDENTIALS or value is None:
            continue
        text = write_value(value)
        try:
            values[name] = (key.parse(text), text)
        except ValueError as error:
            raise ValueError(f"{key.field}: {value}: {error}") from None
    return values


def _initial_text(text: str) -> IniText:
    try:
        ini = IniText.parse(text.encode())
        check_server_ini(ini)
    except IniError as error:
        raise ValueError(f"initial_text: {error}") from None
    return ini


def _means(ini: IniText, name: str, wanted: object) -> bool:
    key, value = SERVER_KEYS[name], ini.get(name)
    try:
        return (key.default if value is None else key.parse(value)) == wanted
    except ValueError:
        return False


def _set_credentials(ini: IniText, user: object, password: object) -> None:
    if user is None and password is None:
        return
    if user == "":
        for name in _CREDENTIALS:
            ini.remove(name)
        return
    if not user or not password:
        raise ValueError('user and password belong together: give both, or user: "" to remove both')
    check_sign_in(str(user), str(password))
    for name, secret in zip(_CREDENTIALS, (str(user), str(password))):
        if not verify_credential(ini.get(name) or "", secret):
            ini.set(name, seal_credential(secret))
