# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the center that are under way: on disk before they leave, and until they are answered for good.

docs/specification.md, section 5: a lost answer never costs a PIN, for the very same request is sent again, whichever
way it goes: straight to the center, in a file that people carry, or by the hand of a rollout.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from licserver.activation import ActivationError
from licserver.activation.packs import PendingPack
from licserver.activation.requests import PendingActivation
from licserver.errors import LicensingError
from licserver.files import write_atomically
from licserver.kept_file import files_set_aside, set_aside
from licserver.server.center_client import FINAL_REFUSALS, ask_center

Pending = TypeVar("Pending", PendingActivation, PendingPack)
_AnyPending = PendingActivation | PendingPack


class RequestFolder:
    """The folder of a server's state that holds them.

    :ivar folder: its path.
    """

    def __init__(self, state: Path) -> None:
        self.folder = state / "requests"
        self.folder.mkdir(mode=0o700, exist_ok=True)

    def keep(self, pending: PendingActivation | PendingPack) -> None:
        """Put a request on disk, in the place of an earlier one for the same thing.

        :raises WriteError: it cannot be written; the earlier one is untouched.
        """
        write_atomically(self._path(pending), msgspec.json.encode(pending))

    def forget(self, pending: PendingActivation | PendingPack) -> None:
        """A request is answered for good."""
        self._path(pending).unlink(missing_ok=True)

    def find(self, name: str, kind: type[Pending]) -> Pending | None:
        """The request of that name; ``None`` where there is none that makes sense."""
        pending = self._read(self.folder / f"{name}.json")
        return pending if isinstance(pending, kind) else None

    def waiting(self) -> list[PendingActivation | PendingPack]:
        """Every request, by name. One that is damaged is set aside: no answer to it can be loaded any more."""
        return [pending for path in sorted(self.folder.glob("*.json")) if (pending := self._read(path)) is not None]

    def damaged(self, key_number: str | None = None) -> list[Path]:
        """The requests that were set aside: all of them, or those for one key."""
        found = files_set_aside(self.folder)
        return found if key_number is None else [path for path in found if _is_for(path, key_number)]

    def waiting_for(self, request_id: str) -> PendingActivation | PendingPack | None:
        """The request that an answer is for."""
        return next((one for one in self.waiting() if one.content.request_id == request_id), None)

    def waiting_for_key(self, key_number: str) -> PendingActivation | None:
        """The request for a key; of several vendors' that which was made last."""
        waiting = (one for one in self.waiting() if isinstance(one, PendingActivation))
        of_key = [one for one in waiting if one.content.key_number == key_number]
        return max(of_key, key=lambda one: one.content.created_at, default=None)

    async def settle(
        self,
        earlier: Pending | None,
        make: Callable[[], Pending],
        load: Callable[[Pending, str], None],
        center_url: str | None,
    ) -> None:
        """Have the center answer the request under way; if that is refused for good, or there is none, a new one.

        :raises LicensingError: not answered; a request is forgotten only if it was refused for good.
        """
        if earlier is not None:
            try:
                await self._ask(earlier, load, center_url)
            except ActivationError as error:
                if error.code not in FINAL_REFUSALS:
                    raise
            else:
                return
        await self._ask(make(), load, center_url)

    async def _ask(self, pending: Pending, load: Callable[[Pending, str], None], center_url: str | None) -> None:
        try:
            answer = await ask_center(center_url or pending.kit.center_url, pending.request, pending.kit.center_ca)
        except ActivationError as error:
            if error.code in FINAL_REFUSALS:
                self.forget(pending)
            raise
        load(pending, answer)

    def _read(self, path: Path) -> PendingActivation | PendingPack | None:
        problem: Exception
        try:
            pending: PendingActivation | PendingPack = msgspec.json.decode(path.read_bytes(), type=_AnyPending)
            pending.check()
            return pending
        except FileNotFoundError:
            return None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, LicensingError) as error:
            problem = error
        except OSError as error:
            if not path.is_dir():
                hint = "Check its owner and rights"
                raise ActivationError("bad_state", f"{path} cannot be read: {error.strerror}", hint=hint) from error
            problem = error
        set_aside(path, problem)
        return None

    def _path(self, pending: PendingActivation | PendingPack) -> Path:
        return self.folder / f"{pending.name}.json"


def _is_for(path: Path, key_number: str) -> bool:
    """Whether a file had the name of a request for a key, or for a pack of it."""
    name = path.name.partition(".json")[0]
    return name.endswith(f"+{key_number}") or name.rpartition("-")[0] == key_number
