# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server's settings: ``licserver.ini``.

docs/specification.md, section 3 "ini". The text itself is understood by :mod:`licserver.ini_text`.
"""

import hashlib
import ipaddress
from dataclasses import astuple, dataclass
from pathlib import Path

from licserver.errors import LicensingError
from licserver.ini_text import IniError, IniText, check_server_ini

DISCOVERY_PORT = 15200
FIXED_FIELDS = {
    "port": "port",
    "web_port": "WebPort",
    "local": "Local",
    "bind_address": "BindAddress",
    "tls": "TLS",
}
"""What a server keeps until it is started again, and how the ini names it."""
LIVE_FIELDS = {
    "names": "Names",
    "idle_seconds": "IdleTime",
    "user": "user",
    "password": "password",
    "tls_certificate": "TLSCertificate",
    "tls_key": "TLSKey",
    "language": "Language",
    "token_module": "TokenModule",
}
"""What a running server can take over, and how the ini names it."""


class SettingsError(LicensingError):
    """An ini that cannot be used: the message names the file, the line, the key and the value."""

    def __init__(self, path: Path, problem: object) -> None:
        super().__init__("bad_ini", f"{path}: {problem}", hint="Correct the file, then start or reload the server")


@dataclass(frozen=True)
class Settings:
    """What an ini says, with the defaults for what it leaves out.

    :ivar bind_address: an IP address, or an empty string for all interfaces.
    :ivar names: by which browsers and programs may ask for it, beside those of its computer.
    :ivar idle_seconds: how long a license stays blocked for its holder after it lapsed.
    :ivar user: sealed with scrypt, as is ``password``: they can be verified, not read.
    :ivar tls: whether both ports speak TLS and nothing else.
    :ivar tls_certificate: a PEM file, as is ``tls_key``; both ``None``: the server makes a certificate itself.
    :ivar language: of the web page for whoever has chosen none; empty: that of his browser.
    :ivar token_module: the PKCS#11 library of the hardware keys; empty: there are none.
    """

    port: int
    web_port: int
    local: bool
    bind_address: str
    names: tuple[str, ...]
    idle_seconds: int
    user: str | None
    password: str | None
    tls: bool
    tls_certificate: Path | None
    tls_key: Path | None
    language: str
    token_module: str

    @property
    def fingerprint(self) -> str:
        """The same for two files that say the same, however they are written; it tells nothing of what they say."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()

    @property
    def fixed_fingerprint(self) -> str:
        """The fingerprint of what a running server cannot take over."""
        return hashlib.sha256(repr([getattr(self, name) for name in FIXED_FIELDS]).encode()).hexdigest()

    @property
    def listen_address(self) -> str:
        """The address to listen on: with ``Local=1`` never one that the network can reach."""
        if not self.local:
            return self.bind_address
        loopback = self.bind_address and ipaddress.ip_address(self.bind_address).is_loopback
        return self.bind_address if loopback else "127.0.0.1"


def read_settings(path: Path) -> Settings:
    """The settings in an ini file.

    :raises SettingsError: the file cannot be read, or something in it is wrong.
    """
    try:
        return settings_in(path.read_bytes())
    except OSError as error:
        raise SettingsError(path, error.strerror or error) from error
    except IniError as error:
        raise SettingsError(path, error) from error


def settings_in(data: bytes) -> Settings:
    """The settings in the bytes of an ini.

    :raises IniError: something in it is wrong.
    """
    values = check_server_ini(IniText.parse(data))
    return Settings(
        port=values["port"],
        web_port=values["web_port"],
        local=values["local"],
        bind_address=values["bind_address"],
        names=values["names"],
        idle_seconds=values["idle_minutes"] * 60,
        user=values["user"],
        password=values["password"],
        tls=values["tls"],
        tls_certificate=Path(values["tls_certificate"]) if values["tls_certificate"] else None,
        tls_key=Path(values["tls_key"]) if values["tls_key"] else None,
        language=values["language"],
        token_module=values["token_module"],
    )
