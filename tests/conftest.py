# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of the tests."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The hosts of the lab take longest: they begin first, and everything else runs beside them."""
    items.sort(key=lambda item: item.get_closest_marker("xdist_group") is None)
