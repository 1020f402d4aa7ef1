# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role's defaults, and what its argument specification says of them, are the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"
NAMES = sorted(path.name for path in ROLES.iterdir() if path.is_dir())


def load(role: str, path: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((ROLES / role / path).read_text(encoding="utf-8"))
    return content


def documented_options(role: str) -> dict[str, dict[str, Any]]:
    entry_points = load(role, "meta/argument_specs.yml")["argument_specs"].values()
    return {name: option for entry_point in entry_points for name, option in entry_point["options"].items()}


@pytest.mark.parametrize("role", NAMES)
def test_defaults_are_those_that_are_documented(role: str) -> None:
    documented = {name: option["default"] for name, option in documented_options(role).items() if "default" in option}
    assert load(role, "defaults/main.yml") == documented


@pytest.mark.parametrize("role", NAMES)
def test_every_option_carries_the_name_of_its_role(role: str) -> None:
    assert [name for name in documented_options(role) if not name.startswith(f"{role}_")] == []


@pytest.mark.parametrize("role", NAMES)
def test_every_option_is_explained_in_the_readme(role: str) -> None:
    readme = (ROLES / role / "README.md").read_text(encoding="utf-8")
    assert [name for name in documented_options(role) if f"`{name}`" not in readme] == []
