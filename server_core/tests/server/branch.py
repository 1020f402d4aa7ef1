# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server in a branch, and a real center that sells it keys and packs."""

from typing import Any

from licserver.center.catalog import Catalog, CatalogKey, CatalogPack
from licserver.center.issuing import Issuer
from licserver.center.registry import Product
from licserver.documents import Counter, Raise
from licserver.sealing import Ed25519PrivateKey
from server_core.tests.helpers import KEY, PRODUCT
from server_core.tests.running import ServerThread
from server_core.tests.server.center_page import Center

CATALOG = Catalog(
    products=(
        Product(
            product=PRODUCT, name="Retail 8", counters=(Counter(name="main", type="session", limit=2),), phone=True
        ),
        Product(product="other", name="Other 8", counters=(Counter(name="main", type="session", limit=2),)),
    ),
    keys=(CatalogKey(key_number=KEY, product=PRODUCT, pins=("1111-1111", "2222-2222")),),
    packs=tuple(
        CatalogPack(pack=pack, product=product, raises=(Raise(counter="main", licenses=3),), password="abcd-1234")
        for pack, product in (("P-1", PRODUCT), ("P-2", PRODUCT), ("P-3", "other"))
    ),
)


class Branch:
    """A server and the center that it asks, behind a page that a test can make fail.

    :ivar signer: the key with which the vendor signs there.
    """

    def __init__(
        self, server: ServerThread, center: Center, issuer: Issuer, kit: Any, signer: Ed25519PrivateKey
    ) -> None:
        self.signer = signer
        self.server = server
        self.center = center
        self.issuer = issuer
        self.kit = kit
        self.issue = center.issued_by(issuer)
        self.center.answer = self.issue

    def beside(self, server: ServerThread) -> "Branch":
        """Another branch with the same center."""
        return Branch(server, self.center, self.issuer, self.kit, self.signer)

    def activate(self, pin: str = "1111-1111", **more: Any) -> tuple[int, Any]:
        return self.post("activations", key_number=KEY, pin=pin, kit=self.kit, **more)

    def lose_the_answer(self, request: str) -> None:
        self.issue(request)

    def post(self, path: str, **body: Any) -> tuple[int, Any]:
        return self.server.http("POST", f"/api/v1/{path}", body, Authorization=f"Bearer {self.server.token}")

    def pack(self, pack: str = "P-1", password: str = "ABCD 1234", key_number: str = KEY) -> tuple[int, Any]:
        return self.post("packs", key_number=key_number, pack=pack, password=password)

    def pack_refused(self, **order: str) -> str:
        status, answer = self.pack(**order)
        assert status == 409
        code: str = answer["error"]["code"]
        return code
