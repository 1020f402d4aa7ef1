# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever runs ``liccenter``, for the center's history."""

import os
import time

from licserver.account import account_name
from licserver.center.acting import Act, Actor

_LONGEST = 64


def operator() -> Actor:
    """Whoever signed in to this computer, also where he acts as another user by now (``sudo``); else the user as whom
    the command runs."""
    try:
        name = os.getlogin()
    except OSError:  # nobody did: a service, or a job at a certain time
        name = account_name()
    return Actor("shell", name.encode(errors="replace").decode()[:_LONGEST] or None)


def acting() -> Act:
    """What he does at this moment."""
    return Act(int(time.time()), operator())
