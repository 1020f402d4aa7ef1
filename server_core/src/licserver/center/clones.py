# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A key that is alive on two computers, noticed by what they ask the center for. No I/O.

Each activation gives a key another self: a key pair, and the computer that it is bound to. Only the last one is meant
to be alive. The center records what speaks against that and refuses nothing for it, because a repair may look the same.
docs/specification.md, section 5.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from licserver.binding import FACT_KINDS
from licserver.center.answering import Facts, differing_facts
from licserver.documents import FactKind


@dataclass(frozen=True)
class Self:
    """What one activation made of a key."""

    key_public: str
    facts: Facts


def old_self(selves: Sequence[Self], key_public: str) -> tuple[FactKind, ...] | None:
    """Whether whoever asks with this key pair should be gone.

    :param selves: of the key, the last one at the end.
    :returns: the facts in which it differs from the self that should be alive; ``None``: there is nothing to say.
    """
    known = next((one for one in selves if one.key_public == key_public), None)
    if known is None or known is selves[-1]:
        return None
    return differing_facts(selves[-1].facts, known.facts)


def other_computer(selves: Sequence[Self], facts: Facts, *, same_facts: int) -> tuple[FactKind, ...] | None:
    """Whether a key is activated beside its last self rather than after it: on a computer that is another one, or on
    one that the key was moved away from before.

    :param same_facts: as many facts as are unchanged on one and the same computer.
    :returns: as of :func:`old_self`.
    """
    differ = differing_facts(selves[-1].facts, facts) if selves else ()
    is_other = len(FACT_KINDS) - len(differ) < same_facts
    was_left = bool(differ) and any(not differing_facts(one.facts, facts) for one in selves[:-1])
    return differ if is_other or was_left else None
