# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The phone desk: an operator types what he is told, and reads the answer. docs/specification.md, section 5."""

import logging
import re
from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from licserver.activation.blocks import BLOCK_DIGITS, REQUEST_CODE, PhoneCodeError
from licserver.center.app.door import Door, Visit
from licserver.center.app.filled_in import FieldError, convert, shown
from licserver.center.app.refusals import note_fault, status_of
from licserver.center.app.words import explain
from licserver.center.issuing import Issuer
from licserver.center.phone import PhoneCall
from licserver.errors import LicensingError
from licserver.pages.languages import N_
from licserver.pages.problems import Problem
from licserver.pages.rendering import Pages

_BLOCKS = [f"code{number}" for number in range(1, REQUEST_CODE.blocks + 1)]
_TELL_AGAIN = N_("Have this block told once more.")
_log = logging.getLogger(__name__)


class PhoneDesk:
    """The desk of one center."""

    def __init__(self, pages: Pages, issuer: Issuer) -> None:
        self._pages = pages
        self._issuer = issuer

    def routes(self, door: Door) -> list[Route]:
        """The address of this page."""
        return [Route("/staff/phone", door.only("desk", "vendor")(self.call), methods=["GET", "POST"])]

    def call(self, visit: Visit) -> Response:
        """A call: what was told, and the blocks that answer it."""
        fields = _in_blocks(visit.form.fields)
        if visit.request.method == "GET":
            return self._page(visit, fields)
        texts = self._pages.texts(visit.request)
        key_number = fields.get("key_number", "").strip()
        try:
            call = convert(
                {
                    "key_number": key_number,
                    "pin": fields.get("pin", ""),
                    "code": " ".join(fields.get(name, "") for name in _BLOCKS),
                    "company": {part: fields.get(part, "").strip() for part in ("name", "tax_id")},
                },
                PhoneCall,
            )
            blocks = self._issuer.answer_phone(call, visit.actor()).split()
        except FieldError as error:
            return self._page(visit, fields, problems=error.words(texts), status=409)
        except PhoneCodeError as error:
            problem = explain(error, texts, {"blocks": ", ".join(map(str, error.blocks))})
            bad = {f"code{number}": texts.gettext(_TELL_AGAIN) for number in error.blocks}
            return self._page(visit, fields, problem, bad, status=409)
        except LicensingError as error:
            note_fault(error)
            return self._page(visit, fields, explain(error, texts, {"key_number": key_number}), status=status_of(error))
        _log.info("staff: %s answered a call for the key %s", visit.member.name, key_number)
        return self._pages.page(visit.request, "phone_answer.html", blocks=blocks, key_number=key_number)

    def _page(
        self,
        visit: Visit,
        fields: Mapping[str, str],
        problem: Problem | None = None,
        problems: Mapping[str, str] | None = None,
        *,
        status: int = 200,
    ) -> Response:
        return self._pages.page(
            visit.request, "phone.html", status, fields=shown(fields), problem=problem, problems=problems or {}
        )


def _in_blocks(fields: Mapping[str, str]) -> dict[str, str]:
    """A code that was typed whole, spread over its blocks: the one that is wrong can be shown then."""
    digits = re.sub(r"\D", "", " ".join(fields.get(name, "") for name in _BLOCKS))
    if len(digits) != len(_BLOCKS) * BLOCK_DIGITS:
        return dict(fields)
    parts = (digits[at : at + BLOCK_DIGITS] for at in range(0, len(digits), BLOCK_DIGITS))
    return {**fields, **dict(zip(_BLOCKS, parts, strict=True))}
