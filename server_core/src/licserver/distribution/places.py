# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a server lies on its computer."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Where a server lies: its releases, its ini and its state."""

    install: Path
    ini: Path
    state: Path

    def release(self, version: str) -> Path:
        """Where a release lies."""
        return self.install / "releases" / version
