# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A private key under a passphrase: PKCS#8 (RFC 5958) with PBES2 (RFC 8018), as OpenSSL reads it too.

The package ``cryptography`` reads any such file, but makes them with 2,048 rounds only; here there are so many that
guessing passphrases costs something.
"""

import os

from asn1crypto import algos, core, keys, pem
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from licserver.sealing import Ed25519PrivateKey

ROUNDS = 600_000
"""Of PBKDF2 with SHA-256: a quarter of a second, whenever the key is opened."""
_BLOCK_BYTES = 16


def encrypted_pem(key: Ed25519PrivateKey, passphrase: str) -> bytes:
    """The key in PEM text, encrypted by AES-256."""
    salt, vector = os.urandom(_BLOCK_BYTES), os.urandom(_BLOCK_BYTES)
    derived = PBKDF2HMAC(algorithm=SHA256(), length=32, salt=salt, iterations=ROUNDS).derive(passphrase.encode())
    padder, encryptor = PKCS7(8 * _BLOCK_BYTES).padder(), Cipher(AES256(derived), CBC(vector)).encryptor()
    padded = padder.update(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())) + padder.finalize()
    derivation = algos.Pbkdf2Params(
        {
            "salt": algos.Pbkdf2Salt("specified", core.OctetString(salt)),
            "iteration_count": ROUNDS,
            "prf": {"algorithm": "sha256", "parameters": core.Null()},
        }
    )
    scheme = {
        "key_derivation_func": {"algorithm": "pbkdf2", "parameters": derivation},
        "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": core.OctetString(vector)},
    }
    info = keys.EncryptedPrivateKeyInfo(
        {
            "encryption_algorithm": {"algorithm": "pbes2", "parameters": algos.Pbes2Params(scheme)},
            "encrypted_data": encryptor.update(padded) + encryptor.finalize(),
        }
    )
    text: bytes = pem.armor("ENCRYPTED PRIVATE KEY", info.dump())
    return text
