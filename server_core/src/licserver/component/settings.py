# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a client computer looks for its license server: ``client.ini``. docs/specification.md, section 4."""

from dataclasses import dataclass
from pathlib import Path

from licserver.component.errors import ClientSettingsError
from licserver.ini_text import LOCAL_SERVER, IniError, IniText, check_client_ini
from licserver.system import this_system


@dataclass(frozen=True)
class ClientSettings:
    """What the file says.

    :ivar servers: in order of preference: ``*LOCAL``, ``*AUTO``, or an address.
    :ivar tls_pins: SHA-256 of the certificates by which servers are known, in hexadecimal; empty: no TLS is spoken.
    """

    servers: tuple[str, ...] = (LOCAL_SERVER,)
    access_code: str | None = None
    tls_pins: tuple[str, ...] = ()


def read_client_settings(path: Path | None = None) -> ClientSettings:
    """The settings of this computer; without a file the server is looked for on this computer.

    :raises ClientSettingsError: the file cannot be read, or something in it is wrong.
    """
    path = path or this_system().client_ini_path
    try:
        values = check_client_ini(IniText.parse(path.read_bytes()))
    except FileNotFoundError:
        return ClientSettings()
    except OSError as error:
        raise ClientSettingsError(path, error.strerror or error) from error
    except IniError as error:
        raise ClientSettingsError(path, error) from error
    return ClientSettings(tuple(values["servers"]), values["access_code"], tuple(values["tls_pins"]))
