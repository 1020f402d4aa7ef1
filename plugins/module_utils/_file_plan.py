# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is to become of a configuration file: the answer of the pure engines, for any carrier.

A carrier brings the file's bytes to an engine and, unless in check mode, the planned bytes back: the module on a
Linux target, an action plugin for a Windows one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.protect.licensing.plugins.module_utils._ini import IniText, KnownKey


@dataclass(frozen=True)
class FilePlan:
    """The bytes of a file before and after, None where there is no file, and the same as a diff without secrets.

    ``settings`` is what the file says afterwards, without secrets; empty where there is no file.
    """

    before: bytes | None
    after: bytes | None
    diff: dict[str, str]
    settings: dict[str, object]

    @property
    def changed(self) -> bool:
        return self.before != self.after


def plan_file(
    before: bytes | None, after: IniText | None, known: Mapping[str, KnownKey], settings: dict[str, object]
) -> FilePlan:
    """Put a plan together from a file's bytes and the text wanted; secrets of ``known`` keys stay out of the diff.

    Raises IniError where ``before`` is not an ini file or ``after`` cannot be written.
    """
    shown_before = None if before is None else IniText.parse(before)
    shown_after = None if after is None else IniText.parse(after.to_bytes())
    for name in (name for name, key in known.items() if key.secret):
        old = None if shown_before is None else shown_before.get(name)
        new = None if shown_after is None else shown_after.get(name)
        if shown_before is not None and old:
            shown_before.set(name, "(set)")
        if shown_after is not None and new:
            shown_after.set(name, "(changed)" if old and old != new else "(set)")
    return FilePlan(
        before=before,
        after=None if after is None else after.to_bytes(),
        diff={"before": _shown(shown_before), "after": _shown(shown_after)},
        settings=settings,
    )


def _shown(ini: IniText | None) -> str:
    return "" if ini is None else ini.to_text()
