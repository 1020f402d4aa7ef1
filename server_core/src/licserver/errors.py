# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root of every error this package raises on purpose.

Each subsystem derives its own class from :class:`LicensingError`:

- ``documents.DocumentError``: a signed document that cannot be believed
- ``binding.FactError``: a fact of the computer that cannot be read
- ``cryptoki.CryptokiError``: a token, or its library, that cannot be used
- ``keys.KeyFileError``: a protection key that cannot be used
- ``seats.SeatError``: a license that cannot be given, renewed or freed
- ``wire.WireError``: a message that breaks the conversation
- ``settings.SettingsError``: an ini that cannot be used
- ``activation.ActivationError``: an activation that was refused or could not finish
- ``component.ComponentError``: what the protected product is told
- ``center.CenterError``: what the activation center refuses
"""

from collections.abc import Mapping, Sequence


class LicensingError(Exception):
    """Something an administrator can act on.

    :ivar code: a stable word for programs, listed in ``docs/protocol.md``.
    :ivar hint: what to do about it, or an empty string.
    :ivar details: the particulars of the message, for whoever says the same in other words.
    """

    def __init__(
        self, code: str, message: str, *, hint: str = "", details: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = details or {}

    def __str__(self) -> str:
        return f"{self.message}. {self.hint}" if self.hint else self.message
