# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's signing key as a center keeps it: open, under a passphrase, or on a token. docs/security.md.

=====================  ============================================================================================
``vendor.key``         the private key (PKCS#8, PEM), open or encrypted
``vendor.token.json``  in its place: where the key lies on a PKCS#11 token
``vendor.pub``         its public half (PEM), for what needs no signature: so only what signs needs the passphrase
=====================  ============================================================================================

What is written is written so that an interruption anywhere leaves a center that works, the old way or the new one.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from licserver.center.owned_files import AuthorityError, read_owned, unusable, write_owned
from licserver.center.passphrase import Passphrase, PassphraseError
from licserver.center.pkcs8 import encrypted_pem
from licserver.center.token import TokenKey, TokenSigner, generate_key, has_key, import_key
from licserver.sealing import Ed25519PrivateKey, Ed25519PublicKey, Signer, key_id

KEY_FILE, PUBLIC_FILE, TOKEN_FILE = "vendor.key", "vendor.pub", "vendor.token.json"
_ENCRYPTED = b"-----BEGIN ENCRYPTED PRIVATE KEY-----"

Home = Literal["open", "encrypted", "token"]
"""How the key is kept."""


class KeptVendorKey:
    """A :class:`licserver.sealing.Signer` that is opened when something is to be signed.

    :param public: known beforehand.
    :param open_signer: opens it; raises CenterError.
    """

    def __init__(self, home: Home, public: Ed25519PublicKey, open_signer: Callable[[], Signer]) -> None:
        self.home = home
        self._public = public
        self._open_signer = open_signer
        self._opened: Signer | None = None
        self._lock = threading.Lock()

    def public_key(self) -> Ed25519PublicKey:
        """See :class:`licserver.sealing.Signer`."""
        return self._public

    def sign(self, data: bytes, /) -> bytes:
        """See :class:`licserver.sealing.Signer`.

        :raises CenterError: the key cannot be opened, or its token does not sign.
        """
        return self.open().sign(data)

    def open(self) -> Signer:
        """The key itself, for whoever would rather know now than at the first signature that it can be opened.

        :raises CenterError: it cannot, or it is another key.
        """
        with self._lock:
            if self._opened is None:
                opened = self._open_signer()
                if opened.public_key() != self._public:
                    raise AuthorityError(
                        "authority_unusable",
                        f"the vendor's signing key is {key_id(opened.public_key())}, not {key_id(self._public)}",
                        hint=f"Restore {KEY_FILE} and {PUBLIC_FILE} from the same backup, or name the right key",
                    )
                self._opened = opened
            return self._opened


def make_vendor_key(directory: Path, passphrase: Passphrase, token: TokenKey | None) -> None:
    """Make the key of a new center, or take the one that its token has.

    :raises CenterError: the token cannot be used, or the passphrase not be had.
    """
    if token is not None:
        pin = passphrase.read()
        if not has_key(token, pin):
            generate_key(token, pin)
        _use_token(directory, token, TokenSigner(token, pin).public_key())
        return
    key, chosen = Ed25519PrivateKey.generate(), passphrase.choose()
    if chosen is not None:
        write_owned(directory / PUBLIC_FILE, _public_pem(key.public_key()))
    write_owned(directory / KEY_FILE, _private_pem(key, chosen))


def has_vendor_key(directory: Path) -> bool:
    """Whether a center has a key already."""
    return (directory / TOKEN_FILE).exists() or (directory / KEY_FILE).exists()


def read_vendor_key(directory: Path, passphrase: Passphrase) -> KeptVendorKey:
    """The key of a center.

    :raises AuthorityError: a file is missing or unusable.
    """
    if (directory / TOKEN_FILE).exists():
        place = _read_place(directory / TOKEN_FILE)
        public = _read_public(directory / PUBLIC_FILE)
        return KeptVendorKey("token", public, lambda: TokenSigner(place, passphrase.read()))
    path = directory / KEY_FILE
    pem = read_owned(path)
    if pem.lstrip().startswith(_ENCRYPTED):
        public = _read_public(directory / PUBLIC_FILE)
        return KeptVendorKey("encrypted", public, lambda: _load(path, pem, passphrase.read()))
    key = _load(path, pem, None)
    return KeptVendorKey("open", key.public_key(), lambda: key)


def encrypt_vendor_key(directory: Path, passphrase: Passphrase, new: Passphrase) -> None:
    """Keep the key under a passphrase from now on, or under another one.

    :param passphrase: the one that it has, where it has one.
    :raises CenterError: it cannot be opened, lies on a token, or there is no new passphrase.
    """
    key = _key_in_file(directory, passphrase)
    chosen = new.choose()
    if chosen is None:
        raise PassphraseError(
            "passphrase_needed", "there is no new passphrase", hint="Name a file with --new-passphrase-file"
        )
    write_owned(directory / PUBLIC_FILE, _public_pem(key.public_key()))
    write_owned(directory / KEY_FILE, _private_pem(key, chosen))


def move_to_token(directory: Path, passphrase: Passphrase, token: TokenKey, pin: Passphrase) -> None:
    """Put the key on a token, and let the center use it there; the file is removed when the token has signed.

    :param passphrase: of the file, where it has one.
    :raises CenterError: the token has another key of that label, or does not take this one.
    """
    key, word = _key_in_file(directory, passphrase), pin.read()
    if not has_key(token, word):
        import_key(token, word, key)
    signer = TokenSigner(token, word)
    if signer.public_key() != key.public_key():
        raise AuthorityError(
            "key_exists",
            f"the token {token.token} has another key with the label {token.key}",
            hint="Choose another --token-key",
        )
    key.public_key().verify(signer.sign(b"protect"), b"protect")
    _use_token(directory, token, key.public_key())
    (directory / KEY_FILE).unlink()


def _key_in_file(directory: Path, passphrase: Passphrase) -> Ed25519PrivateKey:
    key = read_vendor_key(directory, passphrase).open()
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise AuthorityError(
        "key_on_token", "the vendor's signing key lies on a token, which it never leaves", hint="Nothing is to be done"
    )


def _use_token(directory: Path, token: TokenKey, public: Ed25519PublicKey) -> None:
    write_owned(directory / PUBLIC_FILE, _public_pem(public))
    write_owned(directory / TOKEN_FILE, msgspec.json.format(msgspec.json.encode(token), indent=2) + b"\n")


def _load(path: Path, pem: bytes, passphrase: str | None) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None if passphrase is None else passphrase.encode())
    except ValueError as error:
        if passphrase is None:
            raise unusable(path, "it holds no private key in PEM text") from error
        raise PassphraseError(
            "wrong_passphrase", f"{path}: the passphrase is wrong, or the file damaged", hint="Give the right one"
        ) from error
    except (TypeError, UnsupportedAlgorithm) as error:
        raise unusable(path, "it holds no private key in PEM text") from error
    if isinstance(key, Ed25519PrivateKey):
        return key
    raise unusable(path, "it holds no Ed25519 key")


def _read_public(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(read_owned(path))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise unusable(path, "it holds no public key in PEM text") from error
    if isinstance(key, Ed25519PublicKey):
        return key
    raise unusable(path, "it holds no Ed25519 key")


def _read_place(path: Path) -> TokenKey:
    try:
        return msgspec.json.decode(read_owned(path), type=TokenKey)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise unusable(path, str(error)) from error


def _private_pem(key: Ed25519PrivateKey, passphrase: str | None) -> bytes:
    if passphrase is not None:
        return encrypted_pem(key, passphrase)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
