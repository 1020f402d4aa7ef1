# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who has something changed on the web page or the JSON API, so that events say by whose hand it was.

docs/protocol.md, "Events". Whoever is let in acts while his request is answered; what notes a change of his asks here.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

from licserver.server.scopes import Scope

ActorKind = Literal["user", "token", "local", "anybody"]


@dataclass(frozen=True)
class Actor:
    """Somebody who asks the web port.

    :ivar kind: ``user``: whoever knows the user and the password of the ini; ``token``: a program with a token;
        ``local``: a command or a browser on the server's own computer; ``anybody``: who only looks.
    :ivar address: the IP address that the request came from.
    :ivar token: the name of the token.
    """

    kind: ActorKind
    scope: Scope
    address: str
    token: str = ""


_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextlib.contextmanager
def acting(actor: Actor | None) -> Iterator[None]:
    """Have him answer for what is changed meanwhile, here and in what is awaited here."""
    before = _acting.set(actor)
    try:
        yield
    finally:
        _acting.reset(before)


def acts_as_administrator() -> bool:
    """Whether whoever acts may change what the server is; so may the server of its own accord."""
    actor = _acting.get()
    return actor is None or actor.scope >= Scope.ADMIN


def by_whom() -> dict[str, str]:
    """What an event says of whoever acts; nothing where the server does something of its own accord."""
    actor = _acting.get()
    if actor is None:
        return {}
    token = {"token": actor.token} if actor.token else {}
    return {"actor": actor.kind, **token, "actor_address": actor.address}
