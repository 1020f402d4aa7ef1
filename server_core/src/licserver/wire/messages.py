# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every message of the conversation as a typed structure. docs/protocol.md, "Messages"."""

import hashlib
import hmac
from typing import Annotated

import msgspec

from licserver.documents import Name
from licserver.sealing import encode_bytes
from licserver.seats.holder import Holder, Label, Number, Text, Token

PROTOCOL_VERSIONS = (1,)
MAX_LINE_BYTES = 64 * 1024


class Request(msgspec.Struct, tag_field="type", kw_only=True, gc=False):
    """What a client says; ``id`` comes back in the answer."""

    id: Number


class Hello(Request, tag="hello"):
    """The first message: which versions of the protocol the client speaks."""

    versions: Annotated[list[int], msgspec.Meta(max_length=32)]
    software: Label = ""


class Login(Request, tag="login"):
    """Ask for a license.

    :ivar nonce: 32 fresh random bytes in base64url, which the grant repeats.
    :ivar client_proof: see :func:`client_proof`.
    :ivar access_proof: see :func:`access_proof`; empty for a client without an access code.
    """

    product: Name
    nonce: Token
    holder: Holder
    client_proof: Token
    counter: Name | None = None
    access_proof: Token = ""


class MoreLicenses(msgspec.Struct, frozen=True, kw_only=True):
    """So many more licenses of one counter of a key, as a license pack would bring them."""

    key_number: Name
    counter: Name
    licenses: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]


class Suppose(msgspec.Struct, frozen=True, kw_only=True):
    """What a :class:`Check` takes for granted: keys are lost, or have more licenses."""

    without_keys: Annotated[tuple[Name, ...], msgspec.Meta(max_length=100)] = ()
    more: Annotated[tuple[MoreLicenses, ...], msgspec.Meta(max_length=100)] = ()


class Check(Request, tag="check"):
    """Ask whether a login would be granted now, and take nothing. Fields as in :class:`Login`."""

    product: Name
    nonce: Token
    holder: Holder
    counter: Name | None = None
    access_proof: Token = ""
    suppose: Suppose | None = None


class Renew(Request, tag="renew"):
    """The product is in use: start the ten minutes again."""

    lease: Token
    sequence: Number
    mac: Token


class Logout(Request, tag="logout"):
    """The product ends: free the license."""

    lease: Token
    sequence: Number
    mac: Token


class Answer(msgspec.Struct, tag_field="type", kw_only=True, gc=False):
    """What the server answers to the request with the same ``id``."""

    id: Number


class Welcome(Answer, tag="welcome"):
    """The answer to hello.

    :ivar challenge: 32 random bytes in base64url, made for this connection.
    :ivar session_public: the session key that signed the answer to a discovery, to be compared.
    :ivar exchange_public: the X25519 key of this start of the server, for :func:`client_proof`.
    """

    version: int
    server_id: Token
    name: Label
    challenge: Token
    session_public: Token
    exchange_public: Token


class Granted(Answer, tag="granted"):
    """A license, and the chain of signatures that proves it."""

    lease: Token
    active_seconds: Number
    grant: str
    certificate: str
    license: str


class Renewed(Answer, tag="renewed"):
    """The lease is active for so many more seconds."""

    lease: Token
    sequence: Number
    active_seconds: Number
    mac: Token


class Freed(Answer, tag="freed"):
    """The lease has ended."""

    lease: Token
    sequence: Number
    mac: Token


class HolderSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who holds a license.

    :ivar since: when it was given, in seconds since 1970-01-01 UTC.
    """

    user: Label
    computer: Label
    since: Number


class Checked(Answer, tag="checked"):
    """What a login would be answered with: from which key and counter it would be granted, or with which code, message
    and hint it would be refused.

    :ivar holders: where nothing is free, who holds what this client could use; at most 20.
    """

    allowed: bool
    key_number: str | None = None
    counter: str | None = None
    code: Token = ""
    message: Text = ""
    hint: Text = ""
    holders: tuple[HolderSeen, ...] = ()


class Failed(Answer, tag="failed"):
    """The request was not fulfilled. ``code`` is for programs, the rest for people."""

    code: Token
    message: Text
    hint: Text = ""


AnyRequest = Hello | Login | Renew | Logout | Check
AnyAnswer = Welcome | Granted | Renewed | Freed | Checked | Failed


def lease_mac(secret: bytes, *parts: str | int) -> str:
    """HMAC-SHA256 (RFC 2104) with the lease's secret over the parts, one a line, in base64url."""
    text = "\n".join(str(part) for part in parts)
    return encode_bytes(hmac.digest(secret, text.encode(), "sha256"))


def access_key(access_code: str, server_id: str) -> bytes:
    """The key that an access code stands for at one server: slow to compute (scrypt, RFC 7914), so that a code cannot
    be guessed cheaply from what is heard on the network, and nothing computed for one server serves for another."""
    salt = f"protect access code {server_id}".encode()
    return hashlib.scrypt(access_code.encode(), salt=salt, n=2**14, r=8, p=1, dklen=32)


def access_proof(key: bytes, challenge: str, nonce: str, client_public: str) -> str:
    """What a client with an access code says in place of the code, good for one login on one connection."""
    return lease_mac(key, "access", challenge, nonce, client_public)


def client_proof(login_key: bytes, nonce: str) -> str:
    """What a client says to prove that it has the private key of its ``client_public``.

    :param login_key: 32 bytes that both sides derive from the client's key and the welcome's ``exchange_public``, with
        its challenge as the salt, for the purpose ``protect login``.
    """
    return lease_mac(login_key, "login", nonce)
