# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed documents: what each kind says, how it is sealed, opened and armored.

Every document is a JWS in compact form (RFC 7515) signed with Ed25519 (RFC 8037). Its header names the kind of
document (``typ``) and the signing key (``kid``); its payload is one of the structures below as JSON.
Rules, in the order in which they are applied when a document is opened:

1. three segments of canonical base64url, so that no two spellings carry one signature;
2. the header names EdDSA and the expected kind, before anything of the payload is read;
3. the signature is that of the expected key;
4. the payload fits the structure; fields that it does not know are passed over, so that later versions may add some.

docs/documents.md describes the formats; docs/specification.md, sections 5 and 6, what they are for.
"""

import hashlib
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import jwt
import msgspec

from licserver.errors import LicensingError
from licserver.sealing import (
    Ed25519PublicKey,
    Signer,
    decode_bytes,
    decode_signing_public,
    encode_bytes,
    key_id,
)
from licserver.seats.holder import Label

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
"""A key number, product or counter: nothing that has a meaning in a path."""
CounterType = Literal["session", "user", "computer", "terminal"]
FactKind = Literal["disk", "network", "system", "board"]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]
"""A point in time in whole seconds since 1970-01-01 UTC, up to the year 9999, or a span of time."""
Line = Annotated[str, msgspec.Meta(max_length=400, pattern=r"^[^\x00]*\Z")]
"""Words for people, without the one character that PostgreSQL takes into no text."""
RequestId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{16,64}\Z")]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]

MAX_DOCUMENT_CHARS = 48 * 1024
MAX_LICENSES = 1_000_000
"""Of one counter of one key."""
CERTIFICATE_SECONDS = 24 * 3600
"""For how long a session certificate may be good at most."""


class DocumentError(LicensingError):
    """A document that is cut, altered, foreign or of another kind."""

    def __init__(self, message: str, *, code: str = "bad_document", hint: str = "") -> None:
        super().__init__(code, message, hint=hint)


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """How many licenses of one kind a key holds. docs/specification.md, section 3 "Counters"."""

    name: Name
    type: CounterType
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LICENSES)]


class Raise(msgspec.Struct, frozen=True, kw_only=True):
    """So many licenses more of one counter."""

    counter: Name
    licenses: Annotated[int, msgspec.Meta(ge=1, le=MAX_LICENSES)]


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """A license pack that raised the limits of a key. docs/specification.md, section 6."""

    pack: Name
    raises: Annotated[tuple[Raise, ...], msgspec.Meta(min_length=1)]
    activated_at: Seconds


class FactDigest(msgspec.Struct, frozen=True, kw_only=True):
    """One fact of a computer, recognizable but not readable."""

    source: str
    digest: str


class Company(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who activates a key."""

    name: Line = ""
    tax_id: Line = ""
    address: Line = ""
    phone: Line = ""
    email: Line = ""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What all kinds share; ``kind`` is the ``typ`` of the JWS header."""

    kind: ClassVar[str]


class License(Document, frozen=True, kw_only=True):
    """The vendor's promise to one key on one computer. Signed by the vendor's key, or by one that a ticket names:
    :func:`licserver.licenses.open_license` tells.

    :ivar counters: with the licenses of every pack in ``packs``.
    :ivar issued_at: when the key was activated.
    :ivar revision: of several licenses of one activation the one in force; each further pack makes a new one.
    :ivar note: the vendor's words, one line; they stand at the head of the key's file.
    :ivar ticket: the signed :class:`PhoneTicket` of a license that was activated by telephone.
    """

    kind: ClassVar[str] = "protect-license+jws"

    key_number: Name
    vendor: str
    product: Name
    product_name: str
    counters: Annotated[tuple[Counter, ...], msgspec.Meta(min_length=1)]
    reactivation: Literal["pins", "never"]
    key_public: str
    facts: dict[FactKind, FactDigest]
    request_id: str
    activation: Annotated[int, msgspec.Meta(ge=1)]
    issued_at: Seconds
    expires_at: Seconds | None = None
    company: Company = Company()
    revision: Annotated[int, msgspec.Meta(ge=1)] = 1
    packs: tuple[Pack, ...] = ()
    note: Line = ""
    ticket: str | None = None

    def __post_init__(self) -> None:
        if len({counter.name for counter in self.counters}) < len(self.counters):
            raise ValueError("two counters have the same name")

    @property
    def is_for_token(self) -> bool:
        """Whether it is that of a hardware key: bound to no computer. A software key always names four facts."""
        return not self.facts


class PhoneTicket(Document, frozen=True, kw_only=True, omit_defaults=True):
    """What a key may be activated for by telephone, promised beforehand. Signed by the vendor's key.

    The fields say what those of the :class:`License` say. Its encoding is what answers hang on, so a field that is
    added has a default.

    :ivar signers: of each activation by its ordinal, the public key of whoever may sign its license.
    """

    kind: ClassVar[str] = "protect-phone-ticket+jws"

    key_number: Name
    vendor: str
    product: Name
    product_name: str
    counters: Annotated[tuple[Counter, ...], msgspec.Meta(min_length=1)]
    reactivation: Literal["pins", "never"]
    signers: tuple[str, ...]
    expires_at: Seconds | None = None
    note: Line = ""


class ActivationRequest(Document, frozen=True, kw_only=True):
    """A computer asks for the license of one key. Signed by the new key itself, to show that it holds it."""

    kind: ClassVar[str] = "protect-activation-request+jws"

    request_id: RequestId
    key_number: Name
    sealed_pin: str
    key_public: str
    facts: dict[FactKind, FactDigest]
    company: Company
    server_version: str
    created_at: Seconds


def pin_context(request_id: str, key_number: str, key_public: str) -> str:
    """What a PIN is sealed together with, so that it is good for this request of this key only: whoever takes it out
    of a request that he saw cannot put it into one of his own."""
    return "\n".join((request_id, key_number, key_public))


class PackRequest(Document, frozen=True, kw_only=True):
    """A key asks for the licenses of a pack. Signed by the key itself, which is attached to the server that asks.

    :ivar facts: of the computer where the key works; older servers, and hardware keys, say none.
    :ivar license: the key's, where the center does not know it: that of a key activated by telephone.
    """

    kind: ClassVar[str] = "protect-pack-request+jws"

    request_id: RequestId
    pack: Name
    sealed_password: str
    key_number: Name
    key_public: str
    server_id: str
    server_version: str
    created_at: Seconds
    facts: dict[FactKind, FactDigest] = {}
    license: str | None = None


def password_context(request_id: str, pack: str, key_public: str) -> str:
    """What the password of a pack is sealed together with; see :func:`pin_context`."""
    return "\n".join(("pack", request_id, pack, key_public))


class KeyState(Document, frozen=True, kw_only=True):
    """A hardware key shows the vendor what it has, for an update. Signed by the key itself.

    :ivar license: the signed license that is in force.
    """

    kind: ClassVar[str] = "protect-key-state+jws"

    key_number: Name
    key_public: str
    license: str
    server_version: str
    created_at: Seconds


class SessionCertificate(Document, frozen=True, kw_only=True):
    """A protection key vouches for a running server's session keys. Signed by the key's own private key."""

    kind: ClassVar[str] = "protect-session+jws"

    key_number: Name
    license_digest: str
    server_id: str
    session_public: str
    exchange_public: str
    issued_at: Seconds
    expires_at: Seconds


class Grant(Document, frozen=True, kw_only=True):
    """A server lends one license to one client. Signed by the server's session key."""

    kind: ClassVar[str] = "protect-grant+jws"

    lease: str
    server_id: str
    key_number: Name
    product: Name
    counter: Name
    counter_type: CounterType
    nonce: str
    client_public: str
    issued_at: Seconds
    active_seconds: Seconds


class ServerHere(Document, frozen=True, kw_only=True):
    """A server answers a discovery. Signed by its session key, which the client compares when it has connected."""

    kind: ClassVar[str] = "protect-server+jws"

    nonce: str
    server_id: str
    name: Label
    port: Port
    session_public: str


AnyDocument = TypeVar("AnyDocument", bound=Document)
SelfSigned = TypeVar("SelfSigned", ActivationRequest, PackRequest, KeyState, ServerHere)

_jws = jwt.PyJWS(algorithms=["EdDSA"])


def seal(document: Document, signer: Signer) -> str:
    """The document as a signed token (RFC 7515, section 7.1)."""
    head = _sealed_header(document.kind, key_id(signer.public_key()))
    signed = f"{head}.{encode_bytes(msgspec.json.encode(document))}"
    return f"{signed}.{encode_bytes(signer.sign(signed.encode()))}"


def open_sealed(token: str, kind: type[AnyDocument], signer: Ed25519PublicKey) -> AnyDocument:
    """The document behind a token, after every check that the module describes.

    :raises DocumentError: cut, altered, of another kind, or signed by another key.
    """
    _check_header(token, kind)
    try:
        payload = _jws.decode(token, signer, algorithms=["EdDSA"])
    except jwt.InvalidTokenError as error:
        raise DocumentError(
            f"the signature of this {kind.kind} is not that of the expected key",
            hint="It was altered, or comes from somebody else; ask for it again",
        ) from error
    return _decode_payload(payload, kind)


def open_self_signed(token: str, kind: type[SelfSigned]) -> SelfSigned:
    """A document that carries the public key it is signed with: whoever made it holds the private key.

    :raises DocumentError: cut, altered or of another kind.
    """
    claimed = _decode_payload(_segments(token)[1], kind)
    public = claimed.session_public if isinstance(claimed, ServerHere) else claimed.key_public
    try:
        signer = decode_signing_public(public)
    except ValueError as error:
        raise DocumentError("the document carries no usable public key") from error
    return open_sealed(token, kind, signer)


def peek(token: str, kind: type[AnyDocument]) -> AnyDocument:
    """What a document *says*, whoever signed it: to be shown, never to be believed.

    :raises DocumentError: cut, of another kind, or with content that does not fit.
    """
    _check_header(token, kind)
    return _decode_payload(_segments(token)[1], kind)


def signer_id(token: str, kind: type[Document]) -> str:
    """Which key a token *says* it is signed with (``kid``), so that the right one can be looked up.

    :raises DocumentError: cut or of another kind.
    """
    return str(_check_header(token, kind).get("kid", ""))


def document_kind(token: str) -> str:
    """Which kind of document a token *says* it is (``typ``); whoever opens it as that kind checks it.

    :raises DocumentError: cut, or no document at all.
    """
    return str(_header(token).get("typ", ""))


def read_unchecked(token: str, kind: type[AnyDocument]) -> AnyDocument:
    """What a document says that was sealed and kept by whoever reads it now; its signature is not looked at.

    :raises DocumentError: cut or of another kind.
    """
    _check_header(token, kind)
    return _decode_payload(_segments(token)[1], kind)


def digest(token: str) -> str:
    """SHA-256 of a token in hexadecimal digits: names exactly this document."""
    return hashlib.sha256(token.encode()).hexdigest()


@lru_cache(maxsize=64)
def _sealed_header(kind: str, signer: str) -> str:
    return encode_bytes(msgspec.json.encode({"alg": "EdDSA", "kid": signer, "typ": kind}))


def _segments(token: str) -> tuple[bytes, bytes, bytes]:
    parts = token.split(".") if len(token) <= MAX_DOCUMENT_CHARS else []
    if len(parts) != 3:
        raise DocumentError("this is not a signed document, or it was cut", hint="Copy it whole and try again")
    try:
        header, payload, signature = (decode_bytes(part) for part in parts)
    except ValueError as error:
        raise DocumentError("the document was altered on its way", hint="Copy it whole and try again") from error
    return header, payload, signature


def _header(token: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(_segments(token)[0], type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError("the document has no readable header") from error


def _check_header(token: str, kind: type[Document]) -> dict[str, Any]:
    header = _header(token)
    if header.get("alg") != "EdDSA" or header.get("typ") != kind.kind:
        raise DocumentError(f"expected a {kind.kind} document, not {str(header.get('typ'))[:64]!r}")
    return header


def _decode_payload(payload: bytes, kind: type[AnyDocument]) -> AnyDocument:
    try:
        return msgspec.json.decode(payload, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DocumentError(f"the content of this {kind.kind} does not fit: {error}") from error
