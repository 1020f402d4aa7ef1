# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the control file as it must be while the server runs. See :mod:`licserver.server.control`."""

import contextlib
import json
import logging
from collections.abc import Callable
from pathlib import Path

from licserver.files import WriteError, write_atomically
from licserver.kept_file import set_aside
from licserver.server.control import control_path

_log = logging.getLogger(__name__)


class Announcement:
    """The control file of a running server.

    :param text: makes what it has to say now.
    """

    def __init__(self, state: Path, text: Callable[[], bytes]) -> None:
        self._path = control_path(state)
        self._text = text

    def keep(self) -> None:
        """Have the file say what it has to; where it cannot be written (a full disk), that is for the next time.

        :raises LicensingError: something else lies in its place and cannot be set aside.
        """
        text = self._text()
        try:
            found = self._path.read_bytes()
        except FileNotFoundError:
            found = b""
        except OSError as error:
            set_aside(self._path, error)
            found = b""
        if found == text:
            return
        if found and not _is_object(found):
            set_aside(self._path, "it holds no JSON object")
        try:
            write_atomically(self._path, text)
        except WriteError as error:
            _log.error("the commands of this computer cannot find the server: %s", error)

    def end(self) -> None:
        """Remove the file, as far as that can be done."""
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)


def _is_object(text: bytes) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False
