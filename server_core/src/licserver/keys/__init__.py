# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Protection keys: what the server lends licenses from.

docs/specification.md, sections 5 and 7. A key of any kind is a license signed by the vendor and a private key that
never leaves its home (sealed in a file for a software key); with it the key vouches for the running server.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from licserver.documents import License, PackRequest, SessionCertificate
from licserver.errors import LicensingError


class KeyFileError(LicensingError):
    """A protection key that cannot be used, and why."""

    def __init__(
        self,
        message: str,
        *,
        code: str = "broken_key",
        hint: str = "",
        details: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(code, message, hint=hint, details=details)


class ProtectionKey(Protocol):
    """A key that is attached and works."""

    @property
    def license(self) -> License:
        """What the vendor promised."""

    @property
    def license_token(self) -> str:
        """The same as the signed token that clients check."""

    def sign(self, document: SessionCertificate | PackRequest) -> str:
        """Seal a document with the key's private key."""
