# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PKCS#11 tokens ("Cryptoki"), for the vendor's signing key and for hardware keys: Ed25519 by CKM_EDDSA.

PKCS#11 3.0, section 2.3.14; a thin layer over python-pkcs11. Tested with SoftHSM 2. Private keys never leave a token.
"""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from licserver.errors import LicensingError
from licserver.sealing import Ed25519PublicKey

if TYPE_CHECKING:
    from pkcs11 import Session, Token
    from pkcs11._pkcs11 import lib

CURVE = bytes.fromhex("06032b6570")
"""The object identifier of Ed25519 (RFC 8410) in DER."""
OCTETS = bytes.fromhex("0420")
"""The head of 32 bytes as an OCTET STRING in DER, which some tokens put before a public key."""

_WORDS = {
    "NoSuchToken": "no token has that label",
    "MultipleTokensReturned": "several tokens have that label",
    "PinIncorrect": "its PIN is wrong",
    "PinLocked": "its PIN is locked after too many wrong ones",
    "UserNotLoggedIn": "it asks for its PIN",
    "DeviceRemoved": "it was unplugged",
    "TokenNotPresent": "it was unplugged",
}
_one_at_a_time = threading.RLock()


class CryptokiError(LicensingError):
    """A token that cannot be used, or a library that leads to none."""

    def __init__(self, problem: object, *, hint: str = "See whether the token is attached, and try again") -> None:
        super().__init__("token_unusable", str(problem), hint=hint, details={"problem": [str(problem)]})


@contextlib.contextmanager
def library(module: str, *, anew: bool = False) -> Iterator["lib"]:
    """A PKCS#11 library, for one thread at a time, since it is initialized without locks (PKCS#11, C_Initialize).

    :param module: the whole path of its file.
    :param anew: have it forget what it knows of tokens: some libraries look for new ones only then, and know one that
        was away for a moment never again.
    :raises CryptokiError: it cannot be used, or something in the block was refused by it.
    """
    with _one_at_a_time, _translated():
        found = _load(module)
        if anew:
            found.reinitialize()
        yield found


def open_session(token: "Token", pin: str | None = None, *, writable: bool = False) -> "Session":
    """A session with a token, to be had inside the block of its :func:`library`.

    :param pin: of the token's user; ``None``: without a login.
    """
    import pkcs11

    try:
        return token.open(rw=writable, user_pin=pin)
    except pkcs11.exceptions.UserAlreadyLoggedIn:  # by another session of this process: it counts for all
        return token.open(rw=writable)


def first(session: "Session", attributes: dict[Any, Any]) -> Any:
    """The first object on a token that has these attributes, or ``None``."""
    found = list(session.get_objects(attributes))  # to the end: a search that goes on keeps the session from signing
    return found[0] if found else None


def private_key(session: "Session", label: str) -> Any:
    """The private key of that label, or ``None``."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    wanted = {Attribute.LABEL: label, Attribute.KEY_TYPE: KeyType.EC_EDWARDS}
    return first(session, {**wanted, Attribute.CLASS: ObjectClass.PRIVATE_KEY})


def public_key(session: "Session", label: str) -> Ed25519PublicKey | None:
    """The public key of that label."""
    from pkcs11 import Attribute, KeyType, ObjectClass

    wanted = {Attribute.LABEL: label, Attribute.KEY_TYPE: KeyType.EC_EDWARDS}
    found = first(session, {**wanted, Attribute.CLASS: ObjectClass.PUBLIC_KEY})
    return None if found is None else _public_of(found)


def generate_pair(session: "Session", label: str, *, needs_login: bool = True) -> Ed25519PublicKey:
    """Have a token make a key pair whose private half never leaves it; its public half.

    :param needs_login: whether only whoever knows the PIN may use it.
    """
    from pkcs11 import Attribute, KeyType, Mechanism

    curve = session.create_domain_parameters(KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: CURVE}, local=True)
    public, _ = curve.generate_keypair(
        mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN,
        store=True,
        label=label,
        public_template={Attribute.PRIVATE: False},
        private_template={Attribute.PRIVATE: needs_login, Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False},
    )
    return _public_of(public)


def sign(key: Any, data: bytes) -> bytes:
    """The signature of a private key on its token."""
    from pkcs11 import Mechanism

    signature: bytes = key.sign(data, mechanism=Mechanism.EDDSA)
    return signature


def _public_of(key: Any) -> Ed25519PublicKey:
    from pkcs11 import Attribute

    point = bytes(key[Attribute.EC_POINT])
    return Ed25519PublicKey.from_public_bytes(point.removeprefix(OCTETS) if len(point) > 32 else point)


def _load(module: str) -> "lib":
    try:
        import pkcs11
    except ImportError as error:
        raise CryptokiError("python-pkcs11 is not installed here", hint="Install it beside this program") from error
    if not Path(module).is_absolute() or not Path(module).exists():
        raise CryptokiError(
            f"{module} is no whole path of a PKCS#11 library", hint="Name the library that came with the tokens"
        )
    return pkcs11.lib(module)


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # the root of what python-pkcs11 raises
        name = type(error).__name__
        raise CryptokiError(_WORDS.get(name) or str(error) or name) from error
