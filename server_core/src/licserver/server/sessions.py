# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The session keys of a running server, and the certificates with which protection keys vouch for them.

A hardware key is slow and may ask for its owner: it signs once in twelve hours, not once for every client.
docs/architecture.md, "Trust is a chain of signatures".
"""

from functools import lru_cache

from licserver.documents import CERTIFICATE_SECONDS, Grant, ServerHere, SessionCertificate, digest, seal
from licserver.keys import ProtectionKey
from licserver.sealing import (
    Ed25519PrivateKey,
    X25519PrivateKey,
    decode_exchange_public,
    derive_key,
    encode_public,
    shared_secret,
)

CLIENTS_REMEMBERED = 10_000


class ClientSecrets:
    """What this start of the server and one client share, and nobody who listens knows.

    :param shared: what both sides derive their keys from.
    """

    def __init__(self, shared: bytes) -> None:
        self._shared = shared

    def login_key(self, challenge: str) -> bytes:
        """The key with which the client proves, on the connection with that challenge, that it has its private key."""
        return derive_key(self._shared, salt=challenge.encode(), purpose="protect login")

    def lease_secret(self, lease: str) -> bytes:
        """The key with which both sides prove messages about a lease."""
        return derive_key(self._shared, salt=lease.encode(), purpose="protect lease")


class Sessions:
    """The two private keys of one start of the server; they live in memory only."""

    def __init__(self, server_id: str) -> None:
        self.server_id = server_id
        self._signer = Ed25519PrivateKey.generate()
        self._exchange = X25519PrivateKey.generate()
        self.session_public = encode_public(self._signer.public_key())
        self.exchange_public = encode_public(self._exchange.public_key())
        self._certificates: dict[str, tuple[str, int, str]] = {}
        self._remembered = lru_cache(CLIENTS_REMEMBERED)(self._agree)

    def certificate(self, key: ProtectionKey, now: int) -> str:
        """The certificate of a key for these session keys, made anew when half of its time is over, the license
        changed, or the clock was set back to before it.

        :param now: seconds since 1970-01-01 UTC; what is signed with it must not be older.
        """
        number = key.license.key_number
        known_license, issued_at, token = self._certificates.get(number, ("", 0, ""))
        if known_license == key.license_token and issued_at <= now < issued_at + CERTIFICATE_SECONDS // 2:
            return token
        token = key.sign(
            SessionCertificate(
                key_number=number,
                license_digest=digest(key.license_token),
                server_id=self.server_id,
                session_public=self.session_public,
                exchange_public=self.exchange_public,
                issued_at=now,
                expires_at=now + CERTIFICATE_SECONDS,
            )
        )
        self._certificates[number] = (key.license_token, now, token)
        return token

    def sign(self, document: Grant | ServerHere) -> str:
        """A document signed with the session key."""
        return seal(document, self._signer)

    def secrets_with(self, client_public: str) -> ClientSecrets:
        """What this server shares with the holder of one private key: a running product, which may come and go often.

        :raises ValueError: the client's public key is none.
        """
        return self._remembered(client_public)

    def _agree(self, client_public: str) -> ClientSecrets:
        return ClientSecrets(shared_secret(self._exchange, decode_exchange_public(client_public)))
