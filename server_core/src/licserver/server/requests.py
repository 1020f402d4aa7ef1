# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the center that are under way: on disk before they are sent, and until they are answered for good.

docs/specification.md, section 5: a lost answer never costs a PIN, for the very same request is sent again.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from licserver.activation import ActivationError
from licserver.files import write_atomically
from licserver.server.center_client import FINAL_REFUSALS

Pending = TypeVar("Pending")


class RequestFile(Generic[Pending]):
    """Where one request is kept.

    :param still_open: whether a request that was found is still to be answered.
    """

    def __init__(self, path: Path, kind: type[Pending], *, still_open: Callable[[Pending], bool]) -> None:
        self._path = path
        self._kind = kind
        self._still_open = still_open

    async def settle(self, make: Callable[[], Pending], finish: Callable[[Pending], Awaitable[None]]) -> None:
        """Finish the request under way; without one, or if that was refused for good, make a new one and finish it.

        :raises LicensingError: whatever ``finish`` raises; the request is forgotten only if it was refused for good.
        """
        pending = self._read()
        if pending is not None:
            try:
                await self._finish(pending, finish)
            except ActivationError as error:
                if error.code not in FINAL_REFUSALS:
                    raise
            else:
                return
        pending = make()
        write_atomically(self._path, msgspec.json.encode(pending))
        await self._finish(pending, finish)

    async def _finish(self, pending: Pending, finish: Callable[[Pending], Awaitable[None]]) -> None:
        try:
            await finish(pending)
        except ActivationError as error:
            if error.code in FINAL_REFUSALS:
                self._path.unlink()
            raise
        self._path.unlink()

    def _read(self) -> Pending | None:
        try:
            pending = msgspec.json.decode(self._path.read_bytes(), type=self._kind)
        except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        return pending if self._still_open(pending) else None
