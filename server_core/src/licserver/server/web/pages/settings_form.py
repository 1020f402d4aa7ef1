# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The form of settings: what whoever sends it wants, and what he saw when he began. No I/O.

Beside each field the form carries what stood in it at first. So only what its reader changed is asked for: a form that
was open for long undoes nothing of what somebody else set meanwhile.
"""

from collections.abc import Collection, Mapping
from typing import Any

from licserver.pages.bodies import Form
from licserver.server.settings_change import SettingError, SettingsChange

_NUMBERS = ("port", "web_port", "idle_minutes")
_FLAGS = ("local", "tls")
_TEXTS = ("bind_address", "tls_certificate", "tls_key", "language")
_LISTS = ("names",)
_FIELDS = (*_NUMBERS, *_FLAGS, *_TEXTS, *_LISTS)
_WAS = "was_"


def as_filled(settings: Mapping[str, Any]) -> dict[str, str]:
    """Settings, or some of them, as the fields of the form hold them."""
    return {name: _text(settings[name]) for name in _FIELDS if name in settings}


class SettingsForm:
    """A form that was sent.

    :ivar values: what the fields held.
    """

    def __init__(self, form: Form) -> None:
        self._form = form
        self.values = {name: form.text(name) for name in _FIELDS}
        self._was = {name: form.text(f"{_WAS}{name}") for name in _FIELDS}
        self._changed = [name for name in _FIELDS if self.values[name] != self._was[name]]

    def wanted(self) -> SettingsChange:
        """What is to be set. Password fields that are left empty change nothing.

        :raises SettingError: something cannot be.
        """
        wanted: dict[str, Any] = {name: _read(name, self.values[name]) for name in self._changed}
        return SettingsChange(**wanted, **self._credentials())

    def seen(self) -> SettingsChange:
        """What the fields that were changed held before; a script that sends a form need not say.

        :raises SettingError: something cannot have been.
        """
        known = [name for name in self._changed if f"{_WAS}{name}" in self._form.fields]
        seen: dict[str, Any] = {name: _read(name, self._was[name]) for name in known}
        return SettingsChange(**seen)

    def again(self, now: Mapping[str, str], told: Collection[str]) -> tuple[dict[str, str], dict[str, str]]:
        """What the fields hold when the form is shown once more, and what stood in them at first: of those that were
        left alone the newest, and of the others what was typed.

        :param now: the settings, as filled in.
        :param told: the fields of which the page says that somebody else changed them.
        """
        values = {**now, **{name: self.values[name] for name in self._changed}}
        return values, {**now, **{name: self._was[name] for name in self._changed if name not in told}}

    def _credentials(self) -> dict[str, Any]:
        user, password = self._form.text("user"), self._form.fields.get("password", "")
        if password != self._form.fields.get("password_again", ""):
            raise SettingError("password_again", "this is not the same password")
        if self._form.text("no_user") == "yes":
            return {"user": ""}
        return {"user": user, "password": password} if user or password else {}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _read(name: str, text: str) -> str | int | bool | tuple[str, ...]:
    if name in _FLAGS:
        return text == "yes"
    if name in _LISTS:
        return tuple(part.strip() for part in text.split(",")) if text else ()
    return _number(name, text) if name in _NUMBERS else text


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise SettingError(name, f"{name}: this is no number")
    return int(text)
