# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of the keys between two looks. Pure."""

from collections.abc import Iterator, Mapping

from licserver.events import FieldValue, Kind
from licserver.keys.keyring import AttachedKey, KeyKind
from licserver.remarks import Remark

_GONE: Mapping[KeyKind, Remark] = {
    "soft": Remark("file_gone", "its file is gone"),
    "hardware": Remark("unplugged", "it was unplugged"),
}
_REMOVED = Remark("key_removed", "an administrator removed it")


def key_events(
    before: Mapping[str, AttachedKey] | None, after: Mapping[str, AttachedKey], *, removed: str = ""
) -> Iterator[tuple[Kind, dict[str, FieldValue]]]:
    """The events between two looks at the attached keys.

    :param before: ``None`` at a start: then only what does not work is told.
    :param removed: the number of a key that an administrator has removed in between.
    """
    for number, found in sorted(after.items()):
        known = None if before is None else before.get(number)
        worked = before is None if known is None else known.key is not None
        if found.key is None:
            if worked or known is None:
                yield "key_lost", {"key_number": number, **_why(found.problem)}
        elif not worked:
            yield "key_attached", {"key_number": number, "product": found.key.license.product}
        elif known is not None and known.key is not None and known.key.license_token != found.key.license_token:
            yield "key_changed", {"key_number": number, "changes": "license"}
    for number, gone in sorted((before or {}).items()):
        if number not in after:
            yield "key_lost", {"key_number": number, **_why(_REMOVED if number == removed else _GONE[gone.kind])}


def _why(problem: Remark | None) -> dict[str, FieldValue]:
    return {} if problem is None else {"reason": problem.text, **problem.fields()}
