# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ini files of the licensing system: ``licserver.ini`` and ``client.ini``.

Neither has section headers; a line is ``key=value``, a comment (``;`` or ``#``) or blank. Whatever
is not understood is kept: comments, unknown keys, order, line endings and encoding (UTF-8 with or
without a byte order mark, or Windows-1251). See docs/specification.md, sections 3 and 4.

This file uses the standard library only. It exists twice, byte for byte the same: in the collection
and in the payload, which share no code.

Errors: :class:`IniError` (a :class:`ValueError`) for everything that is wrong with a file or a value.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import TypedDict, cast

DEFAULT_PORT = 15200
DEFAULT_WEB_PORT = 15201
LOCAL_SERVER = "*LOCAL"
AUTO_SERVER = "*AUTO"
LANGUAGES = ("en", "ru")
"""Those of the web page, by their codes."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_WRITABLE_KEY = re.compile(r"[^\s=;#\[\0]([^=\r\n\0]*[^\s=\0])?")
_SEALED = re.compile(r"scrypt\$(\d{1,2})\$(\d{1,2})\$(\d)\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})")
_SCRYPT_LOG2_N, _SCRYPT_R, _SCRYPT_P = 14, 8, 1
_SCRYPT_MEMORY_LIMIT = 128 * 1024 * 1024
_HOST_LABEL = re.compile(r"\w([\w-]{0,61}\w)?")


class IniError(ValueError):
    """Something is wrong with an ini file: where it is and what the problem is.

    ``line`` counts from 1 and is None for what no line holds; ``key`` and ``value`` are None when they do
    not apply, and ``value`` also when the value is a secret.
    """

    def __init__(self, problem: str, line: int | None = None, key: str | None = None, value: str | None = None) -> None:
        self.problem = problem
        self.line = line
        self.key = key
        self.value = value
        place = [] if line is None else [f"line {line}"]
        if key is not None:
            place.append(key if value is None else f"{key}={value}")
        super().__init__(": ".join([*place, problem]))


@dataclass
class _Line:
    """One line of a file: its text, its line ending and, of an assignment, where the value lies."""

    text: str
    end: str
    key: str | None = None
    value_start: int = 0
    value_end: int = 0

    @classmethod
    def parse(cls, text: str, end: str, number: int) -> _Line:
        bare = text.strip(" \t")
        if not bare or bare[0] in ";#":
            return cls(text, end)
        if bare[0] == "[":
            raise IniError("section headers have no place here, delete the line", number, bare)
        key, equals, value = bare.partition("=")
        if not equals:  # what stands there may be half a password
            raise IniError("no '=' in the line, write key=value or start a comment with ';'", number)
        if not key:
            raise IniError("no key before '='", number)
        value_end = len(text.rstrip(" \t"))
        return cls(text, end, key.rstrip(" \t"), value_end - len(value.lstrip(" \t")), value_end)

    @property
    def value(self) -> str:
        return self.text[self.value_start : self.value_end]

    def assign(self, value: str) -> None:
        self.text = self.text[: self.value_start] + value + self.text[self.value_end :]
        self.value_end = self.value_start + len(value)

    def names(self, key: str) -> bool:
        return self.key is not None and self.key.lower() == key.lower()


class IniText:
    """A parsed ini file that can reproduce its bytes exactly.

    Keys are found in any case. Of an unknown key that stands there several times the first one counts.
    """

    def __init__(self, lines: list[_Line], encoding: str) -> None:
        self._lines = lines
        self._encoding = encoding

    @classmethod
    def parse(cls, data: bytes) -> IniText:
        """Read a file's bytes.

        Raises :class:`IniError` for bytes in no known encoding, a line without ``=``, a section header, and
        a key of :data:`SERVER_KEYS` or :data:`CLIENT_KEYS` that stands there twice.
        """
        encoding, text = _decode(data)
        lines = []
        seen: dict[str, int] = {}
        for number, (content, end) in enumerate(split_lines(text), 1):
            line = _Line.parse(content, end, number)
            lines.append(line)
            if line.key is None or line.key.lower() not in _KNOWN_NAMES:
                continue
            first = seen.setdefault(line.key.lower(), number)
            if first != number:
                raise IniError(f"already set in line {first}, delete one of the two", number, line.key)
        return cls(lines, encoding)

    def get(self, key: str) -> str | None:
        """The value of a key without the blanks around it, None where the key is absent."""
        line = self._find(key)
        return None if line is None else line.value

    def line_of(self, key: str) -> int | None:
        """The number, from 1, of the line that holds the key, None where the key is absent."""
        line = self._find(key)
        return None if line is None else 1 + next(i for i, known in enumerate(self._lines) if known is line)

    def set(self, key: str, value: str) -> None:
        """Change the value of a key in place, or append the key with the file's own line ending.

        Raises :class:`IniError` for a key or a value that cannot be written in one line and read back.
        """
        if _WRITABLE_KEY.fullmatch(key) is None:
            raise IniError("not a key that can be written", key=key)
        if not is_one_line(value):
            raise IniError("the value must be one line without blanks at its ends", key=key)
        if not _can_encode(key + value, self._encoding):
            raise IniError(f"the value cannot be written in {self._encoding}, save the file as UTF-8 first", key=key)
        line = self._find(key)
        if line is not None:
            line.assign(value)
            return
        end = next((known.end for known in self._lines if known.end), "\n")
        if self._lines and not self._lines[-1].end:
            self._lines[-1].end = end
        self._lines.append(_Line.parse(f"{key}={value}", end, len(self._lines) + 1))

    def remove(self, key: str) -> None:
        """Delete every line that sets the key; an absent key is no error."""
        self._lines = [line for line in self._lines if not line.names(key)]

    def to_text(self) -> str:
        """The whole file as text, for people to look at."""
        return "".join(line.text + line.end for line in self._lines)

    def to_bytes(self) -> bytes:
        """The whole file in its own encoding.

        Raises :class:`IniError` where a change to a Windows-1251 file has left bytes that would be read back as
        UTF-8 and so mean something else.
        """
        text = self.to_text()
        data = text.encode(self._encoding)
        if _decode(data)[1] != text:
            raise IniError("the file would be read back in another encoding, save it as UTF-8 first")
        return data

    def _find(self, key: str) -> _Line | None:
        return next((line for line in self._lines if line.names(key)), None)


def split_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a text, each as its content and its line ending, which the last line may lack."""
    return ((match[1], match[2]) for match in _LINE.finditer(text) if match[0])


def is_one_line(text: str) -> bool:
    """Tell whether a text can be written in a line and read back: no line ending in it, no blanks at its ends."""
    return text == text.strip(" \t") and not any(character in text for character in "\r\n\0")


def check_sign_in(user: str, password: str) -> None:
    """Let pass what can be typed into a form and sent by a program (RFC 7617, section 2).

    Raises :class:`IniError` for a user or a password with which nobody could sign in.
    """
    if user != user.strip() or ":" in user or _has_control_characters(user):
        raise IniError("the user must be one line without a colon and without blanks at its ends", key="user")
    if _has_control_characters(password):
        raise IniError("the password must be one line, without control characters", key="password")


def _has_control_characters(text: str) -> bool:
    return any(character < " " or character == "\x7f" for character in text)


def _decode(data: bytes) -> tuple[str, str]:
    bad_byte = data.find(b"\0")
    if bad_byte < 0:
        for encoding in ("utf-8-sig",) if data.startswith(_BYTE_ORDER_MARK) else ("utf-8", "cp1251"):
            try:
                return encoding, data.decode(encoding)
            except UnicodeDecodeError as error:
                bad_byte = error.start
    raise IniError("neither UTF-8 nor Windows-1251 text, save the file as UTF-8", data.count(b"\n", 0, bad_byte) + 1)


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def seal_credential(secret: str) -> str:
    """Turn a secret into text that can verify it but not give it back (docs/specification.md, section 3).

    The text is ``scrypt$<log2 n>$<r>$<p>$<salt, base64>$<hash, base64>``; every call makes its own salt.
    """
    salt = os.urandom(16)
    digest = _scrypt(secret, salt, _SCRYPT_LOG2_N, _SCRYPT_R, _SCRYPT_P, 32)
    encoded = "$".join(base64.b64encode(part).decode() for part in (salt, digest))
    return f"scrypt${_SCRYPT_LOG2_N}${_SCRYPT_R}${_SCRYPT_P}${encoded}"


def verify_credential(sealed: str, secret: str) -> bool:
    """Tell whether the sealed text was made from this secret; False also for text that is not sealed."""
    parts = _unseal(sealed)
    if parts is None:
        return False
    log2_n, r, p, salt, digest = parts
    return hmac.compare_digest(_scrypt(secret, salt, log2_n, r, p, len(digest)), digest)


def _scrypt(secret: str, salt: bytes, log2_n: int, r: int, p: int, length: int) -> bytes:
    return hashlib.scrypt(
        secret.encode(), salt=salt, n=1 << log2_n, r=r, p=p, dklen=length, maxmem=_SCRYPT_MEMORY_LIMIT
    )


def _unseal(sealed: str) -> tuple[int, int, int, bytes, bytes] | None:
    match = _SEALED.fullmatch(sealed)
    if match is None:
        return None
    log2_n, r, p = int(match[1]), int(match[2]), int(match[3])
    try:
        salt, digest = base64.b64decode(match[4], validate=True), base64.b64decode(match[5], validate=True)
    except binascii.Error:
        return None
    within_limits = 10 <= log2_n <= 16 and 1 <= r <= 8 and 1 <= p <= 4 and len(salt) >= 8 and 16 <= len(digest) <= 64
    return (log2_n, r, p, salt, digest) if within_limits else None


def _whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", value) or not lowest <= int(value) <= highest:
            raise ValueError(f"not a number from {lowest} to {highest}")
        return int(value)

    return parse


def _flag(value: str) -> bool:
    if value not in ("0", "1"):
        raise ValueError("not 0 or 1")
    return value == "1"


def _bind_address(value: str) -> str:
    if value:
        try:
            ipaddress.ip_address(value)
        except ValueError:
            raise ValueError("not an IP address (leave it empty for all interfaces)") from None
    return value


def _file_path(value: str) -> str:
    if value and not (PurePosixPath(value).is_absolute() or PureWindowsPath(value).is_absolute()):
        raise ValueError("not a whole path, write it from the root on")
    return value


def _language(value: str) -> str:
    if value not in ("", *LANGUAGES):
        raise ValueError(f"not {' or '.join(LANGUAGES)} (leave it empty for that of each browser)")
    return value


def _sealed_credential(value: str) -> str:
    if _unseal(value) is None:
        raise ValueError("not a sealed credential, delete the lines user and password and set them anew")
    return value


def parse_server_address(text: str) -> tuple[str, int]:
    """Split ``host``, ``host:port``, ``[v6]`` or ``[v6]:port`` into host and port, 15200 by default.

    Raises :class:`ValueError` that says what is wrong with the text (docs/specification.md, section 4).
    """
    match = re.fullmatch(r"(?:\[(?P<v6>[^\[\]]*)\]|(?P<host>[^:\[\]]*))(?::(?P<port>.*))?", text, re.DOTALL)
    if match is None:
        raise ValueError(f"{text!r} is not an address, write host, host:port or [IPv6 address]:port")
    port = DEFAULT_PORT if match["port"] is None else match["port"]
    if isinstance(port, str):
        try:
            port = _whole_number(1, 65535)(port)
        except ValueError as error:
            raise ValueError(f"{text!r}: the port is {error}") from None
    if match["v6"] is not None:
        return _ip_address(match["v6"], text, ipaddress.IPv6Address), port
    host = match["host"]
    if re.fullmatch(r"[0-9.]+", host):
        return _ip_address(host, text, ipaddress.IPv4Address), port
    if not _is_host_name(host):
        raise ValueError(f"{text!r}: not a host name or an address")
    return host, port


def parse_names(value: str) -> tuple[str, ...]:
    """Read the comma-separated setting ``Names``: names of hosts, returned in small letters and as the name service
    spells them (RFC 3490), without a dot at the end.

    Raises :class:`ValueError`.
    """
    items = [part.strip() for part in value.split(",")] if value else []
    for item in items:
        if re.fullmatch(r"[0-9.]+", item) or not _is_host_name(item):
            raise ValueError(f"{item!r} is not the name of a host, write one such as licenses.example.org")
    return tuple(item.lower().encode("idna").decode().rstrip(".") for item in items)


def write_value(value: object) -> str:
    """How a value of a known key is written: 0 or 1 for a flag, commas between the items of a list."""
    if isinstance(value, bool):
        return str(int(value))
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _is_host_name(text: str) -> bool:
    labels = re.sub(r"\.\Z", "", text).split(".")
    return len(text) <= 253 and all(_HOST_LABEL.fullmatch(label) for label in labels) and _can_be_asked_for(text)


def _can_be_asked_for(host: str) -> bool:
    """Whether a name with letters of other alphabets has a spelling for the name service (RFC 3490)."""
    try:
        return host.isascii() or bool(host.encode("idna"))
    except UnicodeError:
        return False


def _ip_address(host: str, text: str, kind: Callable[[str], object]) -> str:
    try:
        kind(host)
    except ValueError:
        raise ValueError(f"{text!r}: {host} is not an IP address") from None
    return host


def parse_servers(value: str) -> list[str]:
    """Read the comma-separated setting ``server``: ``*LOCAL``, ``*AUTO`` or addresses, in order of preference.

    The two words are accepted in any case and returned in capitals. Raises :class:`ValueError`.
    """
    servers = []
    for item in (part.strip() for part in value.split(",")):
        if item.upper() in (LOCAL_SERVER, AUTO_SERVER):
            servers.append(item.upper())
            continue
        if item.startswith("*"):
            raise ValueError(f"{item!r} is neither {LOCAL_SERVER} nor {AUTO_SERVER}")
        parse_server_address(item)
        servers.append(item)
    return servers


def parse_tls_pins(value: str) -> list[str]:
    """Read the comma-separated setting ``tls_pins``: SHA-256 digests of certificates (their DER form) in hexadecimal.

    A prefix ``sha256:``, colons and capitals are accepted; every pin is returned as 64 small digits, in order. Raises
    :class:`ValueError`.
    """
    pins = []
    for item in (part.strip() for part in value.split(",")):
        pin = re.sub(r"^sha256:", "", item, flags=re.IGNORECASE).replace(":", "").lower()
        if re.fullmatch(r"[0-9a-f]{64}", pin) is None:
            raise ValueError(f"{item!r} is not the SHA-256 of a certificate, write 64 hexadecimal digits")
        pins.append(pin)
    return pins


@dataclass(frozen=True)
class KnownKey:
    """A key with a meaning: how it is written, the name of its typed value, its default, and its reader.

    ``parse`` raises :class:`ValueError` that says what is wrong; ``secret`` values are never repeated in errors.
    """

    name: str
    field: str
    default: object
    parse: Callable[[str], object]
    secret: bool = False


def _table(*keys: KnownKey) -> Mapping[str, KnownKey]:
    return {key.name: key for key in keys}


SERVER_KEYS = _table(
    KnownKey("port", "port", DEFAULT_PORT, _whole_number(1, 65535)),
    KnownKey("WebPort", "web_port", DEFAULT_WEB_PORT, _whole_number(1, 65535)),
    KnownKey("Local", "local", True, _flag),
    KnownKey("user", "user", None, _sealed_credential, secret=True),
    KnownKey("password", "password", None, _sealed_credential, secret=True),
    KnownKey("BindAddress", "bind_address", "", _bind_address),
    KnownKey("Names", "names", (), parse_names),
    KnownKey("IdleTime", "idle_minutes", 10, _whole_number(0, 1440)),
    KnownKey("TLS", "tls", False, _flag),
    KnownKey("TLSCertificate", "tls_certificate", "", _file_path),
    KnownKey("TLSKey", "tls_key", "", _file_path),
    KnownKey("Language", "language", "", _language),
    KnownKey("TokenModule", "token_module", "", _file_path),
)
"""The keys of ``licserver.ini`` by the name they are written with."""

CLIENT_KEYS = _table(
    KnownKey("server", "servers", None, parse_servers),
    KnownKey("access_code", "access_code", None, lambda value: value or None, secret=True),
    KnownKey("tls_pins", "tls_pins", None, parse_tls_pins),
)
"""The keys of ``client.ini`` by the name they are written with."""

_KNOWN_NAMES = {name.lower() for name in (*SERVER_KEYS, *CLIENT_KEYS)}


class ServerSettings(TypedDict):
    """What ``licserver.ini`` says.

    ``user`` and ``password`` are sealed texts for :func:`verify_credential`; ``tls_certificate`` and ``tls_key`` are
    paths, empty for a certificate that the server makes itself; ``token_module`` is one, empty for no hardware keys.
    """

    port: int
    web_port: int
    local: bool
    bind_address: str
    names: tuple[str, ...]
    idle_minutes: int
    user: str | None
    password: str | None
    tls: bool
    tls_certificate: str
    tls_key: str
    language: str
    token_module: str


class ClientSettings(TypedDict):
    """What ``client.ini`` says: where to look, in order of preference, the access code, and by which certificates the
    server is known; without any, no TLS is spoken."""

    servers: list[str]
    access_code: str | None
    tls_pins: list[str]


def check_server_ini(ini: IniText) -> ServerSettings:
    """Read every known key of ``licserver.ini``, with its default where it is absent.

    Raises :class:`IniError` for a wrong value, equal ports, and a user without a password, or a certificate without a
    key, or the reverse.
    """
    settings = cast(ServerSettings, _check(ini, SERVER_KEYS))
    if settings["port"] == settings["web_port"]:
        key = "WebPort" if ini.get("WebPort") is not None else "port"
        raise IniError("port and WebPort must differ", ini.line_of(key), key, ini.get(key))
    for key, other in (("user", "password"), ("password", "user")):
        if ini.get(key) is not None and ini.get(other) is None:
            raise IniError(f"stands there without {other}, set both or delete both", ini.line_of(key), key)
    for key, other in (("TLSCertificate", "TLSKey"), ("TLSKey", "TLSCertificate")):
        if ini.get(key) and not ini.get(other):
            raise IniError(f"stands there without {other}, set both or none", ini.line_of(key), key, ini.get(key))
    return settings


def check_client_ini(ini: IniText) -> ClientSettings:
    """Read every known key of ``client.ini``; without ``server`` the license server is looked for on this computer.

    Raises :class:`IniError` for a wrong value.
    """
    settings = cast(ClientSettings, _check(ini, CLIENT_KEYS))
    settings["servers"] = settings["servers"] or [LOCAL_SERVER]
    settings["tls_pins"] = settings["tls_pins"] or []
    return settings


def _check(ini: IniText, known: Mapping[str, KnownKey]) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, key in known.items():
        value = ini.get(name)
        try:
            values[key.field] = key.default if value is None else key.parse(value)
        except ValueError as error:
            raise IniError(str(error), ini.line_of(name), name, None if key.secret else value) from None
    return values
