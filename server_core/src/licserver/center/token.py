# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's signing key on a PKCS#11 token: Ed25519 by CKM_EDDSA (PKCS#11 3.0, section 2.3.14).

The private key never leaves the token; the center asks it for every signature. Tested with SoftHSM 2.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from licserver.center import CenterError
from licserver.sealing import Ed25519PrivateKey, Ed25519PublicKey

if TYPE_CHECKING:
    from pkcs11 import Session

_CURVE = bytes.fromhex("06032b6570")
"""The object identifier of Ed25519 (RFC 8410) in DER."""
_OCTETS = bytes.fromhex("0420")
"""The head of 32 bytes as an OCTET STRING in DER, which some tokens put before a public key."""


_WORDS = {
    "NoSuchToken": "no token has that label",
    "PinIncorrect": "its PIN is wrong",
    "PinLocked": "its PIN is locked after too many wrong ones",
}


class TokenError(CenterError):
    """A token that cannot be used."""

    def __init__(self, problem: object, *, hint: str = "See whether the token is attached, and try again") -> None:
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
        self._lock = threading.Lock()
        with _translated():
            self._log_in()
            self._public = self._found_public()

    def public_key(self) -> Ed25519PublicKey:
        """See :class:`licserver.sealing.Signer`."""
        return self._public

    def sign(self, data: bytes, /) -> bytes:
        """See :class:`licserver.sealing.Signer`. A token that was away meanwhile is logged in to again.

        :raises TokenError: the token does not sign.
        """
        with self._lock, _translated():
            try:
                return self._sign(data)
            except RuntimeError:  # the root of what python-pkcs11 raises
                self._begin_anew()
                self._log_in()
                return self._sign(data)

    def _sign(self, data: bytes) -> bytes:
        from pkcs11 import Mechanism

        signature: bytes = self._private.sign(data, mechanism=Mechanism.EDDSA)
        return signature

    def _begin_anew(self) -> None:
        """Have the library forget the token as it was: one that was away may be unknown to it for ever otherwise."""
        import pkcs11

        pkcs11.lib(self._place.module).reinitialize()

    def _log_in(self) -> None:
        from pkcs11 import Attribute, KeyType, ObjectClass

        self._session = _open_session(self._place, self._pin)
        wanted = {Attribute.LABEL: self._place.key, Attribute.KEY_TYPE: KeyType.EC_EDWARDS}
        self._private: Any = _first(self._session, {**wanted, Attribute.CLASS: ObjectClass.PRIVATE_KEY})
        self._point: Any = _first(self._session, {**wanted, Attribute.CLASS: ObjectClass.PUBLIC_KEY})
        if self._private is None or self._point is None:
            raise TokenError(
                f"{self._place.token} has no pair of Ed25519 keys with the label {self._place.key}",
                hint="Name its label with --token-key",
            )

    def _found_public(self) -> Ed25519PublicKey:
        from pkcs11 import Attribute

        point = bytes(self._point[Attribute.EC_POINT])
        return Ed25519PublicKey.from_public_bytes(point.removeprefix(_OCTETS) if len(point) > 32 else point)


def has_key(place: TokenKey, pin: str) -> bool:
    """Whether there is a key of that label.

    :raises TokenError: no such token, or a wrong PIN.
    """
    from pkcs11 import Attribute, ObjectClass

    with _translated(), _open_session(place, pin) as session:
        return _first(session, {Attribute.LABEL: place.key, Attribute.CLASS: ObjectClass.PRIVATE_KEY}) is not None


def generate_key(place: TokenKey, pin: str) -> None:
    """Have the token make a key pair that never leaves it.

    :raises TokenError: it does not.
    """
    from pkcs11 import Attribute, KeyType, Mechanism

    with _translated(), _open_session(place, pin, writable=True) as session:
        curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: _CURVE}, local=True)
        curve.generate_keypair(mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN, store=True, label=place.key)


def import_key(place: TokenKey, pin: str, key: Ed25519PrivateKey) -> None:
    """Put a key on the token, from where it cannot be taken again.

    :raises TokenError: the token does not take it.
    """
    from pkcs11 import Attribute, KeyType, ObjectClass

    both = {
        Attribute.KEY_TYPE: KeyType.EC_EDWARDS,
        Attribute.EC_PARAMS: _CURVE,
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
        Attribute.EC_POINT: _OCTETS + key.public_key().public_bytes_raw(),
        Attribute.VERIFY: True,
    }
    with _translated(), _open_session(place, pin, writable=True) as session:
        for attributes in (private, public):
            session.create_object({**both, **attributes})


def _open_session(place: TokenKey, pin: str, *, writable: bool = False) -> "Session":
    try:
        import pkcs11
    except ImportError as error:
        raise TokenError("python-pkcs11 is not installed here", hint="Install it beside the center") from error
    if not Path(place.module).is_absolute() or not Path(place.module).exists():
        raise TokenError(f"{place.module} is no whole path of a PKCS#11 library", hint="Name it with --token-module")
    token = pkcs11.lib(place.module).get_token(token_label=place.token)
    try:
        return token.open(rw=writable, user_pin=pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:  # by another session of this process: it counts for all
        return token.open(rw=writable)


def _first(session: "Session", attributes: dict[Any, Any]) -> Any:
    found = list(session.get_objects(attributes))  # to the end: a search that goes on keeps the session from signing
    return found[0] if found else None


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # the root of what python-pkcs11 raises
        name = type(error).__name__
        raise TokenError(_WORDS.get(name) or str(error) or name) from error
