# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The authority of the lab: the certificate that Ansible is to trust, and the one that WinRM shows."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """A folder with what the lab's authority has issued."""

    folder: Path

    @property
    def authority(self) -> Path:
        """What Ansible is to trust."""
        return self.folder / "authority.pem"

    @property
    def server(self) -> Path:
        """The certificate of the HTTPS listeners, with its private key."""
        return self.folder / "server.pem"


def issue(folder: Path, addresses: list[str]) -> Certificates:
    """Make an authority and a certificate for `addresses`; the private key of the authority is thrown away."""
    folder.mkdir(parents=True, exist_ok=True)
    certificates, authority = Certificates(folder), trustme.CA()
    authority.cert_pem.write_to_path(certificates.authority)
    certificates.server.touch(mode=0o600)
    os.chmod(certificates.server, 0o600)
    authority.issue_cert(*addresses).private_key_and_cert_chain_pem.write_to_path(certificates.server)
    return certificates
