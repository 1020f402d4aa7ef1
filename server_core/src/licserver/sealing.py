# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets at rest and on their way: encodings, derived keys, authenticated encryption.

Everything here is a thin name over the ``cryptography`` package: X25519 (RFC 7748), HKDF (RFC 5869) with
SHA-256, and AES-256-GCM. docs/specification.md, section 5.
"""

import base64
import binascii
import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_PUBLIC_KEY_BYTES = 32


class Signer(Protocol):
    """A private Ed25519 key, wherever it lies: in memory, sealed in a file, on a token."""

    def public_key(self) -> Ed25519PublicKey:
        """Its public half."""

    def sign(self, data: bytes, /) -> bytes:
        """The signature of some bytes (RFC 8032)."""


class UnsealError(ValueError):
    """The secret was sealed for somebody else, or altered."""


def encode_bytes(raw: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode_bytes(text: str) -> bytes:
    """The bytes behind base64url text; only the one canonical spelling is accepted.

    :raises ValueError: the text is not canonical base64url.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("not base64url") from error
    if encode_bytes(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def encode_public(key: Ed25519PublicKey | X25519PublicKey) -> str:
    """The 32 raw bytes of a public key in base64url."""
    return encode_bytes(key.public_bytes_raw())


def decode_signing_public(text: str) -> Ed25519PublicKey:
    """An Ed25519 public key from :func:`encode_public`.

    :raises ValueError: not 32 bytes in base64url.
    """
    return Ed25519PublicKey.from_public_bytes(_public_bytes(text))


def decode_exchange_public(text: str) -> X25519PublicKey:
    """An X25519 public key from :func:`encode_public`.

    :raises ValueError: not 32 bytes in base64url.
    """
    return X25519PublicKey.from_public_bytes(_public_bytes(text))


def key_id(key: Ed25519PublicKey) -> str:
    """The short name of a signing key: the first 16 bytes of the SHA-256 of its raw bytes, in base64url."""
    return encode_bytes(hashlib.sha256(key.public_bytes_raw()).digest()[:16])


def derive_key(secret: bytes, *, salt: bytes, purpose: str) -> bytes:
    """A 32-byte key from ``secret``, different for every salt and purpose (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=purpose.encode()).derive(secret)


def encrypt(key: bytes, plain: bytes, *, context: bytes) -> bytes:
    """AES-256-GCM under a fresh nonce; ``context`` must be given again to decrypt."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def decrypt(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """The plain bytes behind :func:`encrypt`.

    :raises UnsealError: another key or context, or altered bytes.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context)
    except (InvalidTag, ValueError) as error:
        raise UnsealError("sealed with another key, or altered") from error


def shared_key(private: X25519PrivateKey, public: X25519PublicKey, *, salt: bytes, purpose: str) -> bytes:
    """The 32-byte key that two sides agree on, each from its own private and the other's public key.

    :raises UnsealError: see :func:`shared_secret`.
    """
    return derive_key(shared_secret(private, public), salt=salt, purpose=purpose)


def shared_secret(private: X25519PrivateKey, public: X25519PublicKey) -> bytes:
    """What two sides derive their keys from, each from its own private and the other's public key.

    :raises UnsealError: the public key is a point of small order, which would make the secret predictable.
    """
    try:
        return private.exchange(public)
    except ValueError as error:
        raise UnsealError("unusable public key") from error


def seal_to(recipient: X25519PublicKey, plain: bytes, *, context: str) -> str:
    """Encrypt for the holder of one X25519 key; only he can :func:`unseal` it."""
    ephemeral = X25519PrivateKey.generate()
    public = ephemeral.public_key().public_bytes_raw()
    key = shared_key(ephemeral, recipient, salt=public, purpose="protect sealed box")
    return encode_bytes(public + encrypt(key, plain, context=context.encode()))


def unseal(recipient: X25519PrivateKey, sealed: str, *, context: str) -> bytes:
    """The plain bytes behind :func:`seal_to`.

    :raises UnsealError: sealed for another key or context, or altered.
    """
    try:
        raw = decode_bytes(sealed)
        public, body = raw[:_PUBLIC_KEY_BYTES], raw[_PUBLIC_KEY_BYTES:]
        key = shared_key(
            recipient, X25519PublicKey.from_public_bytes(public), salt=public, purpose="protect sealed box"
        )
    except ValueError as error:
        raise UnsealError("not a sealed box") from error
    return decrypt(key, body, context=context.encode())


def _public_bytes(text: str) -> bytes:
    raw = decode_bytes(text)
    if len(raw) != _PUBLIC_KEY_BYTES:
        raise ValueError(f"a public key has {_PUBLIC_KEY_BYTES} bytes, not {len(raw)}")
    return raw


__all__ = [
    "Ed25519PrivateKey",
    "Ed25519PublicKey",
    "Signer",
    "UnsealError",
    "X25519PrivateKey",
    "X25519PublicKey",
    "decode_bytes",
    "decode_exchange_public",
    "decode_signing_public",
    "decrypt",
    "derive_key",
    "encode_bytes",
    "encode_public",
    "encrypt",
    "key_id",
    "seal_to",
    "shared_key",
    "shared_secret",
    "unseal",
]
