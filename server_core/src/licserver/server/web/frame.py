# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all pages of a server have around them."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from licserver.pages.rendering import Pages
from licserver.server.web.parts import Parts


def make_pages(parts: Parts) -> Pages:
    """The pages of one server."""

    def common(request: Request) -> Mapping[str, Any]:
        return {
            "site": parts.reports.desk.name,
            "scope": request.state.scope,
            "has_user": parts.gate.has_user,
            "token": request.state.token,
        }

    return Pages("licserver.server.web", common)
