# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's signing key on a PKCS#11 token. The private key never leaves it; the center asks it for every signature.

:mod:`licserver.cryptoki` speaks to the token.
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from licserver import cryptoki
from licserver.center import CenterError
from licserver.cryptoki import CryptokiError
from licserver.sealing import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from pkcs11 import Session
    from pkcs11._pkcs11 import lib


class TokenError(CenterError):
    """A token that cannot be used."""

    def __init__(self, problem: object, *, hint: str) -> None:
        super().__init__("token_unusable", f"the token with the vendor's signing key: {problem}", hint=hint)


class TokenKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a key lies.

    :ivar module: the file of the PKCS#11 library.
    :ivar token: the label of the token.
    :ivar key: the label of the key.
    """

    module: str
    token: str
    key: str = "vendor"


class TokenSigner:
    """A key on a token, logged in to: a :class:`licserver.sealing.Signer` for all threads.

    :param pin: the PIN of the token's user.
    :raises TokenError: no such token or key, or a wrong PIN.
    """

    def __init__(self, place: TokenKey, pin: str) -> None:
        self._place = place
        self._pin = pin
        with _told(), cryptoki.library(place.module) as library:
            self._log_in(library)

    def public_key(self) -> Ed25519PublicKey:
        """See :class:`licserver.sealing.Signer`."""
        return self._public

    def sign(self, data: bytes, /) -> bytes:
        """See :class:`licserver.sealing.Signer`. A token that was away meanwhile is logged in to again.

        :raises TokenError: the token does not sign.
        """
        with _told():
            try:
                with cryptoki.library(self._place.module):
                    return cryptoki.sign(self._private, data)
            except CryptokiError:
                with cryptoki.library(self._place.module, anew=True) as library:
                    self._log_in(library)
                    return cryptoki.sign(self._private, data)

    def _log_in(self, library: "lib") -> None:
        place = self._place
        self._session = _open(library, place, self._pin)
        self._private: Any = cryptoki.private_key(self._session, place.key)
        public = cryptoki.public_key(self._session, place.key)
        if self._private is None or public is None:
            raise CryptokiError(
                f"{place.token} has no pair of Ed25519 keys with the label {place.key}",
                hint="Name its label with --token-key",
            )
        self._public = public


def has_key(place: TokenKey, pin: str) -> bool:
    """Whether there is a key of that label.

    :raises TokenError: no such token, or a wrong PIN.
    """
    with _told(), cryptoki.library(place.module) as library, _open(library, place, pin) as session:
        return cryptoki.private_key(session, place.key) is not None


def generate_key(place: TokenKey, pin: str) -> None:
    """Have the token make a key pair that never leaves it.

    :raises TokenError: it does not.
    """
    with _told(), cryptoki.library(place.module) as library, _open(library, place, pin, writable=True) as session:
        cryptoki.generate_pair(session, place.key)


def import_key(place: TokenKey, pin: str, key: Ed25519PrivateKey) -> None:
    """Put a key on the token, from where it cannot be taken again.

    :raises TokenError: the token does not take it.
    """
    with _told(), cryptoki.library(place.module) as library:
        from pkcs11 import Attribute, KeyType, ObjectClass

        both = {
            Attribute.KEY_TYPE: KeyType.EC_EDWARDS,
            Attribute.EC_PARAMS: cryptoki.CURVE,
            Attribute.LABEL: place.key,
            Attribute.TOKEN: True,
        }
        private = {
            Attribute.CLASS: ObjectClass.PRIVATE_KEY,
            Attribute.VALUE: key.private_bytes_raw(),
            Attribute.PRIVATE: True,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
            Attribute.SIGN: True,
        }
        public = {
            Attribute.CLASS: ObjectClass.PUBLIC_KEY,
            Attribute.EC_POINT: cryptoki.OCTETS + key.public_key().public_bytes_raw(),
            Attribute.VERIFY: True,
        }
        with _open(library, place, pin, writable=True) as session:
            for attributes in (private, public):
                session.create_object({**both, **attributes})


def _open(library: "lib", place: TokenKey, pin: str, *, writable: bool = False) -> "Session":
    return cryptoki.open_session(library.get_token(token_label=place.token), pin, writable=writable)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except CryptokiError as error:
        raise TokenError(error.message, hint=error.hint) from error
