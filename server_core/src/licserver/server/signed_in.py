# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is signed in to the web page. It is kept in a file, so that a restart signs nobody out.

Of a session its digest is kept and of the credentials a name, so the file opens nothing. A file that is damaged or gone
has everybody sign in again.
"""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from licserver.files import write_atomically
from licserver.pages.sessions import session_digest

SIGNED_IN_NAME = "signed_in.json"
SESSION_SECONDS = 12 * 3600
"""After a working day everybody signs in again."""
MOST = 256
"""Sessions that are kept; the oldest make room."""


class _Session(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    until: float
    credentials: str


class SignedIn:
    """The sessions of one server."""

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._sessions: dict[str, _Session] = {}
        with contextlib.suppress(OSError, msgspec.MsgspecError, UnicodeDecodeError):
            self._sessions = msgspec.json.decode(path.read_bytes(), type=dict[str, _Session])

    def has(self, session: str, credentials: str) -> bool:
        """Whether a session is signed in with the credentials that are in force now."""
        found = self._sessions.get(session_digest(session))
        return found is not None and found.credentials == credentials and self._is_new(found)

    def add(self, session: str, credentials: str) -> None:
        """Sign a session in.

        :raises WriteError: it cannot be kept.
        """
        made = _Session(self._clock() + SESSION_SECONDS, credentials)
        others = {name: one for name, one in self._sessions.items() if self._is_new(one)}
        self._keep(dict([*others.items(), (session_digest(session), made)][-MOST:]))

    def remove(self, session: str) -> None:
        """Sign a session out.

        :raises WriteError: it cannot be kept; it is signed out until a restart.
        """
        self._sessions = {name: one for name, one in self._sessions.items() if name != session_digest(session)}
        self._keep(self._sessions)

    def _keep(self, sessions: dict[str, _Session]) -> None:
        write_atomically(self._path, msgspec.json.encode(sessions))
        self._sessions = sessions

    def _is_new(self, session: _Session) -> bool:
        return self._clock() < session.until <= self._clock() + SESSION_SECONDS  # a clock that was set back ends it
