# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all pages of a center have around them."""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.requests import Request

from licserver.center.app.words import describe, name_actor, name_facts
from licserver.center.settings import Settings
from licserver.center.staff import Role
from licserver.pages.languages import N_
from licserver.pages.rendering import Pages

SECTIONS: Sequence[tuple[str, str, Sequence[Role]]] = (
    ("/staff/phone", N_("Phone desk"), ("desk", "vendor")),
    ("/staff/keys", N_("Keys"), ("desk", "vendor")),
    ("/staff/packs", N_("Packs"), ("desk", "vendor")),
    ("/staff/customers", N_("Customers"), ("vendor",)),
    ("/staff/products", N_("Products"), ("vendor",)),
    ("/staff/history", N_("History"), ("desk", "vendor")),
    ("/staff/clones", N_("Clones"), ("desk", "vendor")),
)
"""The sections of the staff's pages, and who may see them. The first one of somebody is where he begins."""


def sections_of(role: Role) -> list[tuple[str, str]]:
    """Address and name of the sections that somebody may see."""
    return [(address, name) for address, name, roles in SECTIONS if role in roles]


def make_pages(settings: Settings) -> Pages:
    """The pages of a center with these settings."""

    def common(request: Request) -> Mapping[str, Any]:
        member = getattr(request.state, "member", None)
        return {
            "site": settings.name,
            "mail": settings.mail,
            "phone": settings.phone,
            "member": member,
            "token": getattr(request.state, "token", ""),
            "sections": sections_of(member.role) if member else [],
            "event_words": lambda entry: describe(entry, pages.texts(request)),
            "facts_words": lambda facts: name_facts(facts.split(","), pages.texts(request)),
            "actor_words": lambda entry: name_actor(entry, pages.texts(request)),
            "section": "/".join(request.url.path.split("/")[:3]),
        }

    pages = Pages("licserver.center.app", common)
    return pages
