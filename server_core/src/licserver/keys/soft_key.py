# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Software keys: ``<key number>.dongle``, a text file that works on one computer only.

docs/specification.md, section 5; docs/documents.md, "Software key file". The file holds the signed license and the
key's private key, sealed with a key derived from the four facts of the computer.
"""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from licserver.armor import armor, check_head, dearmor
from licserver.binding import Binding, changed_facts, name_facts
from licserver.documents import DocumentError, License, PackRequest, SessionCertificate, seal
from licserver.keys import KeyFileError
from licserver.kit import Kit
from licserver.licenses import open_license, vendor_key_id
from licserver.sealing import UnsealError, decode_bytes, decrypt, encode_bytes, encode_public, encrypt

TITLE = "Protect software key"
_SALT_BYTES = 16
_SEALED_BYTES = _SALT_BYTES + 12 + 32 + 16
"""Salt, nonce, private key, and the tag of AES-GCM."""


@dataclass(frozen=True)
class SoftKey:
    """A software key that was opened on its own computer."""

    license: License
    license_token: str
    signer: Ed25519PrivateKey

    def sign(self, document: SessionCertificate | PackRequest) -> str:
        """See :class:`licserver.keys.ProtectionKey`."""
        return seal(document, self.signer)


def seal_signer(signer: Ed25519PrivateKey, binding: Binding, key_number: str) -> str:
    """A key's private key, readable again only on a computer with the same four facts."""
    salt = os.urandom(_SALT_BYTES)
    sealing_key = binding.sealing_key(salt=salt, key_number=key_number)
    return encode_bytes(salt + encrypt(sealing_key, signer.private_bytes_raw(), context=key_number.encode()))


def is_sealed_signer(sealed: str) -> bool:
    """Whether a text has the form of a sealed private key; only the facts that it is sealed with tell more."""
    try:
        return len(decode_bytes(sealed)) == _SEALED_BYTES
    except ValueError:
        return False


def unseal_signer(sealed: str, binding: Binding, key_number: str) -> Ed25519PrivateKey:
    """The private key behind :func:`seal_signer`.

    :raises UnsealError: another computer, another key number, or altered.
    """
    try:
        raw = decode_bytes(sealed)
    except ValueError as error:
        raise UnsealError("not a sealed key") from error
    sealing_key = binding.sealing_key(salt=raw[:_SALT_BYTES], key_number=key_number)
    return Ed25519PrivateKey.from_private_bytes(decrypt(sealing_key, raw[_SALT_BYTES:], context=key_number.encode()))


def write_soft_key(license_token: str, license: License, sealed_signer: str) -> str:
    """The text of a ``.dongle`` file."""
    return armor(TITLE, license_head(license), {"LICENSE": license_token, "SEALED KEY": sealed_signer})


def renew_soft_key(text: str, license_token: str, license: License) -> str:
    """The text of a ``.dongle`` file with another license for the same key.

    :raises KeyFileError: the file was cut or altered.
    """
    return write_soft_key(license_token, license, _blocks(text)[1])


@dataclass(frozen=True)
class KeyFile:
    """What a ``.dongle`` file says. The license is a known vendor's; the computer was not asked."""

    license: License
    license_token: str
    sealed_signer: str

    def open(self, binding: Binding) -> SoftKey:
        """The key, if it belongs to this computer.

        :param binding: the facts of this computer from the sources that the license names, see :func:`bind_like`.
        :raises KeyFileError: bound to another computer: it names the facts; or the private key was altered.
        """
        number = self.license.key_number
        if self.license.is_for_token:
            raise KeyFileError(f"the license of {number} is for a hardware key, not for a file")
        changed = changed_facts(self.license.facts, binding.digests(number))
        if changed:
            raise KeyFileError(
                f"the key {number} is bound to another computer: {name_facts(changed)} differs",
                code="other_computer",
                hint="If this is the same computer after a repair, reactivate the key with its next PIN",
                details={"facts": changed},
            )
        try:
            signer = unseal_signer(self.sealed_signer, binding, number)
        except UnsealError as error:
            raise KeyFileError(f"the private key in the file of {number} was altered", code="key_altered") from error
        if encode_public(signer.public_key()) != self.license.key_public:
            problem = f"the private key in the file of {number} is not the one of its license"
            raise KeyFileError(problem, code="key_mismatched")
        return SoftKey(self.license, self.license_token, signer)


def read_key_file(text: str, kits: Mapping[str, Kit]) -> KeyFile:
    """The content of a ``.dongle`` file, believed only if a known vendor signed it.

    :param kits: by the id of each vendor key.
    :raises KeyFileError: cut, altered, or of a vendor whose kit is not here.
    """
    license_token, sealed_signer = _blocks(text)
    return KeyFile(_open_license(license_token, text, kits), license_token, sealed_signer)


def _blocks(text: str) -> tuple[str, str]:
    try:
        blocks = dearmor(text)
        return blocks["LICENSE"], blocks["SEALED KEY"]
    except (DocumentError, KeyError) as error:
        problem = "this is no software key file, or it was cut"
        raise KeyFileError(problem, code="key_cut", hint="Restore it from a copy") from error


def _open_license(token: str, text: str, kits: Mapping[str, Kit]) -> License:
    try:
        kid = vendor_key_id(token)
        if kid not in kits:
            raise KeyFileError(
                f"the license rests on the key {kid[:64]}, and no vendor's kit here has it",
                code="kit_missing",
                hint="Activate a key of this vendor with its kit once, or restore the folder of kits",
            )
        license = open_license(token, kits[kid])
        check_head(text, license_head(license))
    except DocumentError as error:
        raise KeyFileError(f"the software key cannot be believed: {error.message}", code="not_believed") from error
    return license


def license_head(license: License) -> dict[str, str]:
    """What stands in clear at the head of a key file."""
    counters = ", ".join(f"{counter.name} ({counter.type}) {counter.limit}" for counter in license.counters)
    head = {
        "Key number": license.key_number,
        "Product": f"{license.product} ({license.product_name})",
        "Vendor": license.vendor,
        "Licenses": counters,
        "Activated": time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(license.issued_at)),
    }
    if license.packs:
        head["Packs"] = ", ".join(pack.pack for pack in license.packs)
    if license.expires_at is not None:
        head["Expires"] = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(license.expires_at))
    if license.note:
        head["Note"] = license.note
    return head
