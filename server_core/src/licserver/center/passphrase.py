# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the passphrase of the vendor's signing key, or the PIN of its token, comes from. Never from a command line.

In this order: a file that is named, the credential ``vendor-passphrase`` of the systemd service (systemd.exec(5),
LoadCredential=), whoever sits at the terminal. docs/security.md, "The vendor's signing key".
"""

import getpass
import os
import sys
from dataclasses import dataclass
from pathlib import Path

from licserver.center import CenterError

CREDENTIAL = "vendor-passphrase"


class PassphraseError(CenterError):
    """A passphrase that is not to be had."""


@dataclass(frozen=True)
class Passphrase:
    """A way to a passphrase, taken when it is needed.

    :ivar file: where it stands, readable for its owner only; ``None``: the credential, or the terminal.
    """

    file: Path | None = None

    def read(self) -> str:
        """The passphrase.

        :raises PassphraseError: there is none, or others can read it.
        """
        kept = self._kept()
        if kept is not None:
            return kept
        if sys.stdin.isatty():
            return _not_empty(
                getpass.getpass("Passphrase of the vendor's signing key, or PIN of its token: "), "the terminal"
            )
        raise PassphraseError(
            "passphrase_needed",
            "the vendor's signing key is kept under a passphrase, and none was given",
            hint=f"Name a file with --passphrase-file, or give the service the credential {CREDENTIAL}",
        )

    def choose(self) -> str | None:
        """The passphrase for a key that is made now; ``None``: it shall have none.

        :raises PassphraseError: others can read it, or it was typed in two ways.
        """
        kept = self._kept()
        if kept is not None or not sys.stdin.isatty():
            return kept
        typed = getpass.getpass("Passphrase for the vendor's signing key (empty: none): ")
        if typed and getpass.getpass("Once more: ") != typed:
            raise PassphraseError("passphrase_needed", "two different passphrases were typed", hint="Try again")
        return typed or None

    def _kept(self) -> str | None:
        if self.file is not None:
            return read_secret_file(self.file)
        folder = os.environ.get("CREDENTIALS_DIRECTORY")
        path = Path(folder) / CREDENTIAL if folder else None
        return _read(path) if path is not None and path.exists() else None


NO_FILE = Passphrase()
"""No file is named."""


def read_secret_file(path: Path) -> str:
    """The passphrase or PIN in a file.

    :raises PassphraseError: there is none, or others can read it.
    """
    if os.name != "nt" and path.exists() and path.stat().st_mode & 0o077:
        raise PassphraseError(
            "passphrase_exposed", f"{path} can be read by others than its owner", hint=f"Run: chmod 600 {path}"
        )
    return _read(path)


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise PassphraseError("passphrase_needed", f"{path}: {problem}", hint="Name a file that holds it") from error
    return _not_empty(text.rstrip("\r\n"), str(path))


def _not_empty(passphrase: str, source: str) -> str:
    if not passphrase:
        raise PassphraseError("passphrase_needed", f"{source} gave an empty passphrase", hint="Give the right one")
    return passphrase
