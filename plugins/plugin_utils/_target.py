# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What action plugins do on a target of any kind: call modules, past check mode and out of its log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ansible.plugins.action import ActionBase


class TargetError(Exception):
    """A module on the target failed; the text is what it said."""


@contextmanager
def unrestrained(action: ActionBase) -> Iterator[None]:
    """Within it modules run although the task is in check mode, and nothing of them is logged: not on the target, and
    not by a connection that with -vvv shows what came back, the module's arguments among it.
    """
    task, context = action._task, action._connection._play_context
    shown = context.no_log
    action._task = task.copy()
    action._task.check_mode = False
    action._task.no_log = context.no_log = True
    try:
        yield
    finally:
        action._task, context.no_log = task, shown
