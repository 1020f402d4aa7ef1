# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How several processes share the tests (``pytest --numprocesses``)."""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling, LoadScopeScheduling

LAB = "tests/lab/"


class LabScheduling(LoadFileScheduling):
    """A process takes a file of tests at a time; one takes all of the lab, whose hosts have fixed names."""

    def _split_scope(self, nodeid: str) -> str:
        return LAB if nodeid.startswith(LAB) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """The scheduler of this project."""
    return LabScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The hosts of the lab take longest: they begin first, and everything else runs beside them."""
    items.sort(key=lambda item: not item.nodeid.startswith(LAB))
