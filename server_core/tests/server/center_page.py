# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An activation center of one page."""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import msgspec

from licserver.documents import ActivationRequest, open_self_signed, pin_context, seal
from licserver.errors import LicensingError
from licserver.kit import Kit
from licserver.sealing import unseal
from server_core.tests.center.helpers import SERVER
from server_core.tests.helpers import Computer, Vendor

if TYPE_CHECKING:  # the center runs on Linux only
    from licserver.center.issuing import Issuer

Answer = Callable[[str], tuple[int, bytes] | None]


class Center:
    """An activation center of one page, which a test can have refuse, fail, or hang up without an answer."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.asked: list[str] = []
        self.pins: list[str] = []
        self.answer: Answer = self.license
        center = self

        class Page(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = self.rfile.read(int(self.headers["content-length"])).decode()
                center.asked.append(request)
                answer = center.answer(request)
                if answer is not None:
                    self.send_response(answer[0])
                    self.end_headers()
                    self.wfile.write(answer[1])

            def log_message(self, format: str, *arguments: Any) -> None:
                """Say nothing."""

        class Pages(HTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                """Whoever asked hung up, as some tests have him do."""

        self.http = Pages(("127.0.0.1", 0), Page)
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    @property
    def kit(self) -> Kit:
        return msgspec.structs.replace(self.vendor.kit, center_url=self.url)

    def issued_by(self, issuer: "Issuer") -> Answer:
        """Answers of a real center."""

        def answer(request: str) -> tuple[int, bytes]:
            try:
                return 200, issuer.answer(request, SERVER).encode()
            except LicensingError as error:
                refusal = {"code": error.code, "message": error.message, "hint": error.hint}
                return 409, json.dumps({"error": refusal}).encode()

        return answer

    def license(self, request: str) -> tuple[int, bytes]:
        """Answer as a center does."""
        content = open_self_signed(request, ActivationRequest)
        self.pins.append(
            unseal(
                self.vendor.exchange,
                content.sealed_pin,
                context=pin_context(content.request_id, content.key_number, content.key_public),
            ).decode()
        )
        pending = self.vendor.request(Computer())
        answered = msgspec.structs.replace(pending, content=content)
        return 200, seal(self.vendor.answer(answered), self.vendor.signer).encode()

    def refuse(self, status: int, code: str) -> None:
        error = {"code": code, "message": f"no: {code}", "hint": "Do something"}
        self.answer = lambda _: (status, json.dumps({"error": error}).encode())

    def say(self, status: int, body: bytes) -> None:
        self.answer = lambda _: (status, body)

    def lose_answers(self) -> None:
        """Do the work, and hang up."""

        def lost(request: str) -> None:
            self.license(request)

        self.answer = lost
