# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server goes by. docs/specification.md, section 3 "ini"."""

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licserver.server.certificate import ServerCertificate, load_certificate
from licserver.settings import Settings


@dataclass
class Configuration:
    """The settings and the certificate in use; whoever needs one asks for it each time."""

    settings: Settings
    certificate: ServerCertificate | None

    @classmethod
    def load(cls, settings: Settings, state: Path) -> "Configuration":
        """The configuration of a server that starts with these settings.

        :raises CertificateError: TLS is wanted, and the certificate cannot be used.
        """
        return cls(settings, load_certificate(settings, state, socket.gethostname()))

    @property
    def pin(self) -> str | None:
        """What clients know this server by; ``None`` without TLS."""
        return self.certificate.sha256 if self.certificate else None

    def tls(self) -> dict[str, Any] | None:
        """The certificate for people and programs; ``None`` without TLS."""
        if self.certificate is None:
            return None
        return {"certificate_sha256": self.certificate.sha256, "not_after": self.certificate.not_after}
