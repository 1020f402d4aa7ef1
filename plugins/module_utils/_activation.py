# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ways from a server to the activation center and back, for software keys and license packs alike.

A server makes one request for a thing and keeps it until it is answered, so whatever is interrupted here is finished by
the same task, and nothing is spent twice. docs/specification.md, sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.protect.licensing.plugins.module_utils._exchange import FINAL_REFUSALS
from ansible_collections.protect.licensing.plugins.module_utils._licctl import Licctl, LicctlError

CARRIED_METHODS = ("file", "relay")
"""The methods in which the control node has a part."""

CARRIED_SPEC: dict[str, dict[str, object]] = {
    "request_file": {"type": "path"},
    "answer": {"type": "str"},
    "answer_file": {"type": "path"},
    "anew": {"type": "bool", "default": False},
}
"""The options of requests and answers that are carried, as an argument specification."""


@dataclass(frozen=True)
class Order:
    """What is asked of the center: the licenses of a key, or of a pack for a key.

    ``content`` is what ``licctl`` reads. It holds the PIN or the password.
    """

    key_number: str
    pack: str | None
    content: Mapping[str, Any]

    @property
    def noun(self) -> str:
        """The command of ``licctl`` that it belongs to."""
        return "key" if self.pack is None else "pack"


class Courier(Protocol):
    """Who carries requests and answers on the control node."""

    def answer_to(self, request_id: str | None) -> str | None:
        """The answer that lies ready, for the request under way where there is one."""

    def keep(self, request: Mapping[str, Any], *, check_mode: bool) -> bool:
        """Put a request where it was asked for; tells whether a file is to change."""

    def exchange(self, request: str) -> str:
        """Have the center answer a request. Raises what :func:`._exchange.exchange` raises."""


def activate(
    licctl: Licctl, order: Order, options: Mapping[str, Any], courier: Courier | None, *, check_mode: bool
) -> dict[str, Any]:
    """What came of an activation that is needed, or would in check mode, in the words of the module's answer.

    ``becomes`` is there beside them where the licenses are asked for and not there yet. Raises what
    :meth:`Licctl.call` and the courier raise, and :class:`ValueError` where nobody can carry.
    """
    method, anew = options["method"], options["anew"]
    if method in CARRIED_METHODS and courier is None:
        raise ValueError(f"method {method}: the control node has a part in it, so it must run its action plugin")
    if method == "phone":
        return _by_phone(licctl, order, options["phone_blocks"], anew=anew, check_mode=check_mode)
    if method == "file" and courier is not None:
        return _by_file(licctl, order, courier, anew=anew, check_mode=check_mode)
    if check_mode:
        return _foreseen(licctl, order)
    if courier is not None and method == "relay":
        return _by_relay(licctl, order, courier, anew=anew)
    return licctl.call(order.noun, "activate", "--request", "-", request=order.content)


def _find_request(licctl: Licctl, order: Order) -> dict[str, Any] | None:
    """The request for the same thing that waits for its answer on the server."""
    waiting: list[dict[str, Any]] = licctl.call("requests")["requests"]
    same = (one for one in waiting if (one["key_number"], one["pack"]) == (order.key_number, order.pack))
    return next(same, None)


def _foreseen(licctl: Licctl, order: Order) -> dict[str, Any]:
    """What a run would spend that has the center answer."""
    note = f"A real run would spend {_price(order)}"
    if _find_request(licctl, order) is not None:
        note = f"{note}, unless the center has answered the request that is under way before"
    return {"changed": True, "spends": "pin" if order.pack is None else "pack", "note": f"{note}."}


def _by_relay(licctl: Licctl, order: Order, courier: Courier, *, anew: bool) -> dict[str, Any]:
    earlier = None if anew else _find_request(licctl, order)
    made = _request(licctl, order, anew=anew)
    if made["request"] is None:
        return made
    try:
        answer = courier.exchange(made["request"]["text"])
    except LicctlError as error:
        if error.code not in FINAL_REFUSALS or earlier is None:
            raise
        # What was refused for good is what an earlier task gave, such as a PIN that was put right since.
        answer = courier.exchange(_request(licctl, order, anew=True)["request"]["text"])
    return _load(licctl, {"text": answer})


def _by_file(licctl: Licctl, order: Order, courier: Courier, *, anew: bool, check_mode: bool) -> dict[str, Any]:
    waiting = _find_request(licctl, order)
    answer = None if anew else courier.answer_to(waiting["request_id"] if waiting else None)
    if answer is not None and check_mode:
        return {"changed": True, "note": _WOULD_LOAD}
    if answer is not None:
        try:
            return _load(licctl, {"text": answer})
        except LicctlError as error:
            if error.code != "answer_used":  # of an earlier activation: it lies where the next one will
                raise
    if check_mode:
        return _foreseen_request(order, None if anew else waiting, courier)
    made = _request(licctl, order, anew=anew)
    if made["request"] is None:
        return made
    written = courier.keep(made["request"], check_mode=False)
    return {"changed": written or _is_new(made, waiting), "request": made["request"], "becomes": "requested"}


def _by_phone(licctl: Licctl, order: Order, blocks: str | None, *, anew: bool, check_mode: bool) -> dict[str, Any]:
    if blocks and check_mode:
        return {"changed": True, "note": _WOULD_LOAD}
    if blocks:
        return _load(licctl, {"key_number": order.key_number, "blocks": blocks})
    waiting = _find_request(licctl, order)
    if check_mode:
        return _foreseen_request(order, None if anew else waiting, None)
    made = _request(licctl, order, anew=anew)
    if made["request"] is None:
        return made
    if not made.get("phone"):
        raise LicctlError(
            "no_ticket",
            f"the vendor's kit has no ticket for the key {order.key_number}: it cannot be activated by telephone",
            "Ask the vendor for a kit with a ticket for this key, or use the method file or relay",
        )
    return {
        "changed": _is_new(made, waiting),
        "request": made["request"],
        "phone": made["phone"],
        "becomes": "requested",
    }


def _foreseen_request(order: Order, waiting: dict[str, Any] | None, courier: Courier | None) -> dict[str, Any]:
    if waiting is None:
        note = f"A real run would make a request. The center spends {_price(order)} when it answers it."
        return {"changed": True, "note": note, "becomes": "requested"}
    kept = courier is not None and courier.keep(waiting, check_mode=True)
    return {"changed": kept, "request": waiting, "note": "The request waits for its answer.", "becomes": "requested"}


_WOULD_LOAD = "A real run would load the answer, which spends nothing more."


def _price(order: Order) -> str:
    return "one PIN" if order.pack is None else "the pack"


def _is_new(made: Mapping[str, Any], waiting: Mapping[str, Any] | None) -> bool:
    return waiting is None or bool(waiting["request_id"] != made["request"]["request_id"])


def _request(licctl: Licctl, order: Order, *, anew: bool) -> dict[str, Any]:
    """The request under way or a new one; null, and the key, where it became active meanwhile."""
    return licctl.call(order.noun, "request", "--request", "-", *(["--anew"] if anew else []), request=order.content)


def _load(licctl: Licctl, answer: Mapping[str, Any]) -> dict[str, Any]:
    # As JSON in plain ASCII, whatever code page the target reads its standard input in: the head has names of people.
    return licctl.call("load", "--request", "-", request=answer)
