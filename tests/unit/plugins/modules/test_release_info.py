# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module ``release_info`` on its target."""

from __future__ import annotations

import socket
from pathlib import Path

from ansible_collections.protect.licensing.plugins.modules import release_info


def test_a_bare_host_is_an_answer(run_module, tmp_path: Path) -> None:
    answer = run_module(release_info, install_dir=str(tmp_path))
    assert (answer["changed"], answer["current_version"], answer["listening"]) == (False, None, None)


def test_a_port_is_tried(run_module, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer = run_module(release_info, install_dir=str(tmp_path), port=server.getsockname()[1])
    assert answer["listening"] is True
