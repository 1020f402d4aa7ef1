# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ini with other settings, byte for byte as the module ``server_config`` would write it. No I/O.

What means the same is not written again, and a credential that verifies is not sealed again; everything else stays as
it was written. docs/specification.md, section 3 "ini".
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from licserver.errors import LicensingError
from licserver.ini_text import (
    SERVER_KEYS,
    IniError,
    IniText,
    check_server_ini,
    check_sign_in,
    seal_credential,
    verify_credential,
    write_value,
)

_CREDENTIALS = ("user", "password")


class SettingError(LicensingError):
    """A setting that cannot be.

    :ivar field: its name in :class:`SettingsChange`.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__("bad_setting", problem, hint="Correct the value; nothing was changed")
        self.field = field


class SettingConflictError(LicensingError):
    """Somebody else changed the same meanwhile.

    :ivar now: what it is by now, by its name in :class:`SettingsChange`.
    """

    def __init__(self, now: Mapping[str, Any]) -> None:
        said = ", ".join(f"{name} is {value}" for name, value in now.items())
        super().__init__(
            "setting_conflict", f"it was changed meanwhile: {said}", hint="Look whether to change it again"
        )
        self.now = now


class SettingsChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be otherwise; ``None`` leaves what is set. What library the server loads is said in the ini only.

    :ivar user: an empty one takes user and password away.
    :ivar tls_certificate: empty, as ``tls_key``: the server makes a certificate itself.
    """

    port: int | None = None
    web_port: int | None = None
    local: bool | None = None
    bind_address: str | None = None
    names: tuple[str, ...] | None = None
    idle_minutes: int | None = None
    user: str | None = None
    password: str | None = None
    tls: bool | None = None
    tls_certificate: str | None = None
    tls_key: str | None = None
    language: str | None = None


def check_seen(now: Mapping[str, Any], wanted: SettingsChange, seen: SettingsChange) -> None:
    """Let pass what whoever wants it saw as it is, or what is so already.

    :param now: the settings, by their names in :class:`SettingsChange`.
    :param seen: what was set when the change was thought of; ``None`` where that does not matter.
    :raises SettingConflictError: it is something else by now.
    """
    found = {name: value for name, value in now.items() if getattr(seen, name, None) not in (None, value)}
    if other := {name: value for name, value in found.items() if getattr(wanted, name) != value}:
        raise SettingConflictError(other)


def change_ini(data: bytes, wanted: SettingsChange) -> bytes:
    """The bytes of an ini with other settings. Slow where credentials are among them: scrypt.

    :raises SettingError: a value cannot be, alone or beside the others, or one that stays is wrong already.
    :raises IniError: the ini is no such text.
    """
    ini = IniText.parse(data)
    for name, key in SERVER_KEYS.items():
        value = getattr(wanted, key.field, None)
        if name not in _CREDENTIALS and value is not None:
            _set(ini, name, value)
    _set_credentials(ini, wanted.user, wanted.password)
    try:
        check_server_ini(ini)
        return ini.to_bytes()
    except IniError as error:
        known = SERVER_KEYS.get(error.key or "")
        raise SettingError(known.field if known else "", str(error)) from error


def _set(ini: IniText, name: str, value: object) -> None:
    key, text = SERVER_KEYS[name], write_value(value)
    try:
        if not _means(ini, name, key.parse(text)):
            ini.set(name, text)
    except ValueError as error:
        problem = error.problem if isinstance(error, IniError) else f"{name}={text[:100]}: {error}"
        raise SettingError(key.field, problem) from error


def _means(ini: IniText, name: str, wanted: object) -> bool:
    key, value = SERVER_KEYS[name], ini.get(name)
    try:
        return (key.default if value is None else key.parse(value)) == wanted
    except ValueError:
        return False


def _set_credentials(ini: IniText, user: str | None, password: str | None) -> None:
    if user is None and password is None:
        return
    if user == "":
        for name in _CREDENTIALS:
            ini.remove(name)
        return
    if not user or not password:
        missing = "password" if user else "user"
        raise SettingError(missing, "user and password belong together: give both, or an empty user to take both away")
    try:
        check_sign_in(user, password)
    except IniError as error:
        raise SettingError(error.key or "", error.problem) from error
    for name, secret in zip(_CREDENTIALS, (user, password), strict=True):
        if not verify_credential(ini.get(name) or "", secret):
            ini.set(name, seal_credential(secret))
