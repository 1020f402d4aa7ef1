# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all pages of a center have around them."""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from licserver.center.settings import Settings
from licserver.pages.rendering import Pages


def make_pages(settings: Settings) -> Pages:
    """The pages of a center with these settings."""

    def common(request: Request) -> Mapping[str, Any]:
        return {"site": settings.name, "mail": settings.mail, "phone": settings.phone}

    return Pages("licserver.center.app", common)
