# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers as files that people carry. docs/specification.md, section 5; docs/documents.md."""

from licserver.activation import ActivationError
from licserver.activation.packs import pack_request_head
from licserver.activation.requests import request_head
from licserver.armor import armor, check_head, dearmor
from licserver.documents import ActivationRequest, DocumentError, License, PackRequest, document_kind, read_unchecked
from licserver.keys.soft_key import license_head

ANSWER_TITLE = "Protect activation answer"
_BLOCK = "LICENSE"


def read_request(text: str) -> str:
    """The signed request in a request file, for a key or a pack.

    :raises DocumentError: this is something else, or it was cut or altered on its way.
    """
    blocks = dearmor(text)
    if "REQUEST" not in blocks:
        raise DocumentError("the file holds no request", hint="Send the request file as the server made it")
    token = blocks["REQUEST"]
    if document_kind(token) == PackRequest.kind:
        check_head(text, pack_request_head(read_unchecked(token, PackRequest)))
    else:
        check_head(text, request_head(read_unchecked(token, ActivationRequest)))
    return token


def write_answer(token: str) -> str:
    """The text of an answer file."""
    return armor(ANSWER_TITLE, license_head(read_unchecked(token, License)), {_BLOCK: token})


def read_answer(text: str) -> tuple[str, License]:
    """The signed license in an answer file, and what it says. Whether the vendor signed it is checked with its request.

    :raises ActivationError: this is something else, or it was cut or altered on its way.
    """
    try:
        token = dearmor(text)[_BLOCK]
        license = read_unchecked(token, License)
        check_head(text, license_head(license))
    except KeyError as error:
        raise _no_answer("it holds a request, which goes to the center, not its answer") from error
    except DocumentError as error:
        raise _no_answer(error.message) from error
    return token, license


def _no_answer(problem: str) -> ActivationError:
    return ActivationError(
        "bad_answer",
        f"this is not an answer of the activation center: {problem}",
        hint="Load the file as it came from the center, whole and unaltered",
    )
