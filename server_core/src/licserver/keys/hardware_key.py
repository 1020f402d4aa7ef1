# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hardware keys: PKCS#11 tokens that hold a private key, which never leaves them, and the signed license beside it.

docs/specification.md, section 7; docs/documents.md, "Hardware key". A license for a token names no facts of a computer:
it belongs to the key pair, and works wherever that is plugged in. Of several licenses on a token the newest one counts
that the vendor signed for the token's own key, so that an update that was interrupted leaves a key that works.
"""

import contextlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.exceptions import InvalidSignature

from licserver import cryptoki
from licserver.cryptoki import CryptokiError
from licserver.documents import (
    MAX_DOCUMENT_CHARS,
    DocumentError,
    KeyState,
    License,
    PackRequest,
    SessionCertificate,
    seal,
)
from licserver.errors import LicensingError
from licserver.keys import KeyFileError
from licserver.keys.keyring import AttachedKey
from licserver.kit import Kit
from licserver.licenses import open_license, vendor_key_id
from licserver.remarks import Remark
from licserver.sealing import Ed25519PublicKey, decode_signing_public

if TYPE_CHECKING:
    from pkcs11 import Session, Token
    from pkcs11._pkcs11 import lib

APPLICATION = "Protect license"
"""What the data object of a license is for (CKA_APPLICATION); its label is the key number."""
LABEL = "Protect key"
"""The label of the key pair."""
_MOST_LICENSES = 8
"""So many of a token are read: there are two while one is replaced."""


class Place(NamedTuple):
    """A token, as its library names it."""

    label: str
    serial: str

    @property
    def name(self) -> str:
        """What stands in the list of keys for a token with no license of its own."""
        return f"token-{re.sub('[^A-Za-z0-9._-]', '', self.serial)}"[:64]


class TokenContent(NamedTuple):
    """What lies on a token.

    :ivar licenses: every license that lies there, unchecked.
    """

    place: Place
    licenses: tuple[str, ...]


class ForeignKeyError(CryptokiError):
    """The key on a token is another one."""


class Tokens:
    """The tokens of one PKCS#11 library.

    :param pin: for tokens that ask for one; ``None``: such tokens cannot be used.
    """

    def __init__(self, module: str, pin: str | None = None) -> None:
        self._module = module
        self._pin = pin
        self._refused: set[Place] = set()
        """Tokens that took the PIN for a wrong one: asked again, they would lock themselves."""

    def read(self) -> list[TokenContent]:
        """Every token with a license that is plugged in now.

        :raises CryptokiError: the library cannot be used.
        """
        with cryptoki.library(self._module, anew=True) as library:
            found = [_content(place, token) for place, token in _plugged_in(library)]
        return sorted(content for content in found if content.licenses)

    def sign(self, place: Place, data: bytes, public: Ed25519PublicKey) -> bytes:
        """The signature of the key on a token.

        :param public: the public half of the key that is meant.
        :raises ForeignKeyError: it has another key.
        :raises CryptokiError: it is not plugged in, or does not sign.
        """
        with cryptoki.library(self._module) as library:
            for found, token in _plugged_in(library):
                if found != place:
                    continue
                with self._private_key(place, token) as key:
                    signature = cryptoki.sign(key, data)
                try:
                    public.verify(signature, data)
                except InvalidSignature as error:
                    raise ForeignKeyError(f"the token {place.label} has another key") from error
                return signature
        raise CryptokiError(f"the token {place.label}: it is not plugged in")

    def write(self, place: Place, key_number: str, license_token: str) -> None:
        """Have a license in the place of every other one on a token.

        The new one is written, and read again, before the others go: a token that is unplugged meanwhile has at least
        one of them.

        :raises CryptokiError: it is not plugged in, or does not take the license.
        """
        from pkcs11 import Attribute, ObjectClass

        content = {
            Attribute.CLASS: ObjectClass.DATA,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: False,
            Attribute.APPLICATION: APPLICATION,
            Attribute.LABEL: key_number,
            Attribute.VALUE: license_token.encode(),
        }
        with cryptoki.library(self._module) as library:
            token = next((token for found, token in _plugged_in(library) if found == place), None)
            if token is None:
                raise CryptokiError(f"the token {place.label}: it is not plugged in")
            with self._session(place, token, writable=True) as session:
                before = _data_objects(session)
                created = session.create_object(content)
                if bytes(created[Attribute.VALUE]) != license_token.encode():
                    raise CryptokiError(f"the token {place.label} did not keep what was written")
                for old in before:
                    _remove(old)

    def prepare(self, label: str, *, needs_login: bool) -> tuple[Place, Ed25519PublicKey]:
        """Have a token make a key pair, unless it has one for which there is no license yet.

        :param label: of the token.
        :param needs_login: whether the key works only after a login.
        :raises CryptokiError: there is no such token, it makes none, or it is a hardware key already.
        """
        with cryptoki.library(self._module, anew=True) as library:
            token = library.get_token(token_label=label)
            place = _place_of(token)
            with self._session(place, token, writable=True) as session:
                if _data_objects(session):
                    raise CryptokiError(f"the token {label} is a hardware key already", hint="Take another token")
                public = cryptoki.public_key(session, LABEL)
                return place, public or cryptoki.generate_pair(session, LABEL, needs_login=needs_login)

    @contextlib.contextmanager
    def _private_key(self, place: Place, token: "Token") -> Iterator[Any]:
        with cryptoki.open_session(token) as session:
            key = cryptoki.private_key(session, LABEL)
            if key is not None:
                yield key
                return
        if self._pin is None:
            raise CryptokiError(f"the token {place.label} shows no key without its PIN", hint=_NEEDS_PIN)
        with self._session(place, token) as session:
            key = cryptoki.private_key(session, LABEL)
            if key is None:
                raise CryptokiError(f"the token {place.label} has a license, and no key")
            yield key

    def _session(self, place: Place, token: "Token", *, writable: bool = False) -> "Session":
        """A session that is logged in where there is a PIN."""
        import pkcs11

        if self._pin is not None and place in self._refused:
            raise CryptokiError(f"the token {place.label}: its PIN is wrong", hint=_NEEDS_PIN)
        try:
            return cryptoki.open_session(token, self._pin, writable=writable)
        except (pkcs11.exceptions.PinIncorrect, pkcs11.exceptions.PinLocked, pkcs11.exceptions.PinInvalid):
            self._refused.add(place)
            raise


_NEEDS_PIN = "Write the right PIN of the token into the file token.pin in the server's state folder"


@dataclass(frozen=True)
class HardwareKey:
    """A key on a token that is plugged in."""

    license: License
    license_token: str
    place: Place
    tokens: Tokens

    def sign(self, document: SessionCertificate | PackRequest | KeyState) -> str:
        """See :class:`licserver.keys.ProtectionKey`.

        :raises CryptokiError: the token was unplugged meanwhile.
        """
        return seal(document, _Signer(self))

    def renew(self, license_token: str) -> None:
        """Have another license of this key on its token.

        :raises CryptokiError: the token does not take it; the key has the license that it had, or this one.
        """
        self.tokens.write(self.place, self.license.key_number, license_token)


@dataclass(frozen=True)
class _Signer:
    """The private key of a hardware key, as :func:`licserver.documents.seal` wants it."""

    key: HardwareKey

    def public_key(self) -> Ed25519PublicKey:
        return decode_signing_public(self.key.license.key_public)

    def sign(self, data: bytes, /) -> bytes:
        return self.key.tokens.sign(self.key.place, data, self.public_key())


def open_token(content: TokenContent, kits: Mapping[str, Kit], tokens: Tokens) -> AttachedKey:
    """The key on a token: it works, or there is a problem with it.

    A license is the token's own if a signature of the token's key shows it: a copy of it on another token is not.

    :param kits: by the id of each vendor key.
    """
    place, problem = content.place, None
    believed: list[tuple[License, str]] = []
    for text in content.licenses:
        try:
            believed.append((_believed(text, kits), text))
        except LicensingError as error:
            problem = problem or Remark.of(error)
    if not believed:
        return AttachedKey(place.name, None, None, problem, kind="hardware")
    try:
        license, text = max(_own(believed, place, tokens), key=lambda one: (one[0].activation, one[0].revision))
    except LicensingError as error:
        return AttachedKey(place.name, None, None, Remark.of(error), kind="hardware")
    key = HardwareKey(license, text, place, tokens)
    return AttachedKey(license.key_number, license, key, None, kind="hardware")


def _believed(text: str, kits: Mapping[str, Kit]) -> License:
    try:
        kid = vendor_key_id(text)
        if kid not in kits:
            raise KeyFileError(
                f"the license rests on the key {kid[:64]}, and no vendor's kit here has it",
                code="vendor_unknown",
                hint="Give the server the kit of this vendor: licctl kit add FILE",
            )
        license = open_license(text, kits[kid])
    except DocumentError as error:
        raise KeyFileError(
            f"the license on the token cannot be believed: {error.message}", code="not_believed"
        ) from error
    if not license.is_for_token:
        raise KeyFileError(
            f"the license of {license.key_number} is for a software key, not for a token", code="not_for_token"
        )
    return license


def _own(found: Iterable[tuple[License, str]], place: Place, tokens: Tokens) -> list[tuple[License, str]]:
    """Those licenses that are for the token's own key.

    :raises LicensingError: there are none, or the token does not sign.
    """
    nonce, own = os.urandom(32), []
    for license, text in found:
        with contextlib.suppress(ForeignKeyError, ValueError):
            tokens.sign(place, nonce, decode_signing_public(license.key_public))
            own.append((license, text))
    if not own:
        raise KeyFileError(
            f"the license on the token {place.label} is that of another token",
            code="not_its_own",
            hint="A copy of a license does not work: plug in the token that it was made for",
        )
    return own


def _plugged_in(library: "lib") -> Iterator[tuple[Place, "Token"]]:
    from pkcs11 import TokenFlag

    for slot in library.get_slots(token_present=True):
        with contextlib.suppress(RuntimeError):  # unplugged since, or nothing that the library knows
            token = slot.get_token()
            if token.flags & TokenFlag.TOKEN_INITIALIZED:
                yield _place_of(token), token


def _place_of(token: "Token") -> Place:
    return Place(token.label, token.serial.decode("ascii", "replace"))


def _content(place: Place, token: "Token") -> TokenContent:
    from pkcs11 import Attribute

    licenses: list[str] = []
    with contextlib.suppress(RuntimeError), cryptoki.open_session(token) as session:  # it may be unplugged by now
        for one in _data_objects(session)[:_MOST_LICENSES]:
            licenses.append(bytes(one[Attribute.VALUE])[:MAX_DOCUMENT_CHARS].decode("ascii", "replace"))
    return TokenContent(place, tuple(sorted(licenses)))


def _remove(one: Any) -> None:
    one.destroy()


def _data_objects(session: "Session") -> list[Any]:
    from pkcs11 import Attribute, ObjectClass

    return list(session.get_objects({Attribute.CLASS: ObjectClass.DATA, Attribute.APPLICATION: APPLICATION}))
