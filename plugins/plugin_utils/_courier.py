# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Carries requests and answers of activations on the control node: files, and the way to the center."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.protect.licensing.plugins.module_utils._carried_files import find_answer, read_text, write_text
from ansible_collections.protect.licensing.plugins.module_utils._exchange import Center, center_of, exchange
from ansible_collections.protect.licensing.plugins.module_utils._kit import read_kit

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,199}")


class ControlNodeCourier:
    """The courier of one task, with the options ``request_file``, ``answer``, ``answer_file``, ``kit``, ``center_url``.

    What it raises of its own is a :class:`ValueError` that names the option or the file.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options

    def answer_to(self, request_id: str | None) -> str | None:
        """The text of ``answer``, else of the file ``answer_file``, None where that does not lie there yet.

        Where ``answer_file`` is a folder, the file in it that answers the request, whatever its name.
        """
        path = self._path("answer_file")
        if self._options["answer"] or path is None:
            return self._options["answer"] or None
        if os.path.isdir(path):
            found = None if request_id is None else find_answer(path, request_id)
            return None if found is None else found[1]
        return read_text(path) if os.path.exists(path) else None

    def keep(self, request: Mapping[str, Any], *, check_mode: bool) -> bool:
        """Write the request to ``request_file``, in a folder under the name that the server gives it."""
        path = self.place_of(request)
        text = str(request["text"])
        if path is None or (os.path.exists(path) and read_text(path) == text):
            return False
        if not check_mode:
            write_text(path, text)
        return True

    def place_of(self, request: Mapping[str, Any]) -> str | None:
        """The file that a request is kept in, None where none was asked for."""
        path = self._path("request_file")
        if path is None or not (os.path.isdir(path) or str(self._options["request_file"]).endswith("/")):
            return path
        name = str(request["file_name"])
        if _FILE_NAME.fullmatch(name) is None:
            raise ValueError(f"request_file: the target gives its request the name {name!r:.100}, which is none")
        return os.path.join(path, name)

    def exchange(self, request: str) -> str:
        """Have the center of the kit answer a request."""
        return exchange(self._center(), request)

    def _center(self) -> Center:
        if not self._options["kit"]:
            raise ValueError("kit: it is needed for the method relay, for it says where the center is")
        return center_of(read_kit(self._options["kit"]), self._options["center_url"])

    def _path(self, option: str) -> str | None:
        path = self._options[option]
        return os.path.abspath(os.path.expanduser(path)) if path else None
