# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's kit, as the collection needs it. docs/documents.md, "Kit"."""

from __future__ import annotations

import json
from typing import Any


def read_kit(text: str) -> dict[str, Any]:
    """A kit from its JSON text; the server looks at it closely.

    Raises :class:`ValueError` for what is no kit.
    """
    try:
        kit = json.loads(text)
    except ValueError as error:
        raise ValueError(f"kit: not a whole vendor's kit: {error}") from None
    if not isinstance(kit, dict) or kit.get("kind") != "protect-kit":
        raise ValueError("kit: not a vendor's kit (the file that `liccenter kit` writes)")
    return kit
