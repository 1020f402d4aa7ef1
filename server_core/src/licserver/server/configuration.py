# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a running server goes by, and how it takes over what its ini says by now.

docs/specification.md, section 3 "ini"; docs/protocol.md, "Reload".
"""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from licserver.server.certificate import ServerCertificate, load_certificate
from licserver.settings import FIXED_FIELDS, LIVE_FIELDS, Settings, read_settings


@dataclass(frozen=True)
class Reloaded:
    """What came of a reload, in the names of the ini.

    :ivar applied: what is in force by now, having been something else before.
    :ivar restart_needed: what the ini says otherwise, and only a restart puts in force.
    """

    applied: list[str]
    restart_needed: list[str]


@dataclass
class Configuration:
    """The settings and the certificate in use; whoever needs one asks for it each time."""

    settings: Settings
    certificate: ServerCertificate | None

    @classmethod
    def load(cls, ini: Path, state: Path) -> "Configuration":
        """What an ini says.

        :raises SettingsError: the ini cannot be used.
        :raises CertificateError: TLS is wanted, and the certificate cannot be used.
        """
        return cls.of(read_settings(ini), state)

    @classmethod
    def of(cls, settings: Settings, state: Path) -> "Configuration":
        """Settings with the certificate that they ask for.

        :raises CertificateError: TLS is wanted, and the certificate cannot be used.
        """
        return cls(settings, load_certificate(settings, state, socket.gethostname()))

    def take_over(self, wanted: "Configuration") -> Reloaded:
        """Have another configuration in force, as far as a running server can."""
        before, pin = self.settings, self.pin
        pending = self.pending(wanted.settings)
        self.settings = replace(before, **{name: getattr(wanted.settings, name) for name in LIVE_FIELDS})
        if self.certificate is not None and wanted.certificate is not None:
            self.certificate = wanted.certificate
        applied = pending.applied
        if pin != self.pin and LIVE_FIELDS["tls_certificate"] not in applied:  # the same file with another content
            applied.append(LIVE_FIELDS["tls_certificate"])
        return pending

    def pending(self, wanted: Settings) -> Reloaded:
        """What would come of taking other settings over."""
        return Reloaded(_differing(LIVE_FIELDS, self.settings, wanted), _differing(FIXED_FIELDS, self.settings, wanted))

    @property
    def pin(self) -> str | None:
        """What clients know this server by; ``None`` without TLS."""
        return self.certificate.sha256 if self.certificate else None

    def tls(self) -> dict[str, Any] | None:
        """The certificate for people and programs; ``None`` without TLS."""
        if self.certificate is None:
            return None
        return {"certificate_sha256": self.certificate.sha256, "not_after": self.certificate.not_after}


def _differing(fields: Mapping[str, str], before: Settings, after: Settings) -> list[str]:
    return [key for name, key in fields.items() if getattr(before, name) != getattr(after, name)]
