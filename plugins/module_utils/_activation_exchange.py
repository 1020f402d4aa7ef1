# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``activation_exchange``: a folder of requests is answered, one after the other.

The center gives the same answer to the same request, so whatever is interrupted is finished by the same task.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils._carried_files import (
    find_answer,
    requests_in,
    write_text,
)
from ansible_collections.protect.licensing.plugins.module_utils._exchange import CenterError

OPTIONS_SPEC: dict[str, dict[str, object]] = {
    "requests": {"type": "path", "required": True},
    "answers": {"type": "path", "required": True},
    "kit": {"type": "json", "required": True},
    "center_url": {"type": "str"},
}
"""The options, as an argument specification."""

_NO_WAY_ON = ("center_unreachable", "too_many_requests")
"""After these the center answers no other request either."""


def answer_requests(options: Mapping[str, Any], ask: Callable[[str], str], *, check_mode: bool) -> dict[str, Any]:
    """The module's answer after every request in the folder that had no answer was sent, outside check mode.

    ``ask`` gives the answer file to a request file, and raises :class:`._exchange.CenterError`. Raises
    :class:`ValueError` for a file that cannot be read or written.
    """
    found = []
    stopped: CenterError | None = None
    for path, text, content in requests_in(options["requests"]):
        one: dict[str, Any] = {"file": path, "key_number": content.key_number, "pack": content.pack, "answer": None}
        found.append(one)
        ready = find_answer(options["answers"], content.request_id)
        if ready is not None:
            one.update(state="answered", answer=ready[0], changed=False)
            continue
        one.update(state="waiting", changed=False)
        if check_mode or stopped is not None:
            continue
        try:
            answer = ask(text)
        except CenterError as error:
            if error.code in _NO_WAY_ON:
                stopped = error
            else:
                one.update(state="refused", code=error.code, msg=str(error))
            continue
        name = f"{os.path.splitext(os.path.basename(path))[0]}.answer"
        one.update(state="answered", answer=os.path.join(options["answers"], name), changed=True)
        write_text(one["answer"], answer)
    return _told(found, stopped, check_mode=check_mode)


def _told(found: list[dict[str, Any]], stopped: CenterError | None, *, check_mode: bool) -> dict[str, Any]:
    waiting = [one for one in found if one["state"] == "waiting"]
    told: dict[str, Any] = {
        "changed": any(one.pop("changed") for one in found) or (check_mode and bool(waiting)),
        "requests": found,
    }
    if check_mode and waiting:
        pins = sum(one["pack"] is None for one in waiting)
        told["spends"] = {"pins": pins, "packs": len(waiting) - pins}
        return told
    problems = [f"{one['file']}: {one['msg']}" for one in found if one["state"] == "refused"]
    if stopped is not None:
        problems.insert(0, str(stopped))
    if problems:
        told.update(failed=True, msg=" - ".join(problems), code=stopped.code if stopped else "refused")
    return told
