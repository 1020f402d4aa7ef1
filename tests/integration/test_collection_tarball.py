# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's tarball, as `make build` leaves it: all that an operator needs and nothing else."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
MAY_BE_SHIPPED = {
    "CHANGELOG.rst",
    "FILES.json",
    "LICENSES",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "docs",
    "extensions",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
LARGEST_FOR_GALAXY = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def tarball() -> Path:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    built = ROOT / "build" / f"protect-licensing-{version}.tar.gz"
    assert built.is_file(), "run `make build` first"
    return built


@pytest.fixture(scope="module")
def names(tarball: Path) -> list[str]:
    with tarfile.open(tarball) as archive:
        return [member.name for member in archive.getmembers() if member.isfile()]


def test_holds_only_what_an_operator_runs_and_reads(names: list[str]) -> None:
    assert {name.split("/")[0] for name in names} <= MAY_BE_SHIPPED


def test_tells_what_it_is_and_under_which_license(names: list[str]) -> None:
    assert {"README.md", "LICENSES/GPL-3.0-or-later.txt", "meta/runtime.yml"} <= set(names)


def test_holds_no_leftovers_of_python(names: list[str]) -> None:
    assert [name for name in names if "__pycache__" in name or name.endswith(".pyc")] == []


def test_carries_one_payload_wheel_inside_the_license_server_role(names: list[str]) -> None:
    wheels = [name for name in names if name.endswith(".whl")]

    assert len(wheels) == 1
    assert wheels[0].startswith("roles/license_server/files/protect_licensing-")


def test_the_payload_carries_what_its_pages_are_made_of(tarball: Path, names: list[str]) -> None:
    (wheel,) = [name for name in names if name.endswith(".whl")]
    with tarfile.open(tarball) as archive:
        content = archive.extractfile(wheel)
        assert content is not None
        with zipfile.ZipFile(io.BytesIO(content.read())) as payload:
            carried = set(payload.namelist())

    assert {
        "licserver/center/app/templates/exchange.html",
        "licserver/pages/locale/ru/LC_MESSAGES/licserver.mo",
        "licserver/pages/static/style.css",
        "licserver/pages/templates/base.html",
    } <= carried


def test_is_small_enough_for_galaxy(tarball: Path) -> None:
    assert tarball.stat().st_size < LARGEST_FOR_GALAXY


def test_names_its_license_and_a_lower_bound_for_every_dependency(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        manifest = archive.extractfile("MANIFEST.json")
        assert manifest is not None
        information = json.load(manifest)["collection_info"]

    assert information["license"] == ["GPL-3.0-or-later"]
    assert all(bound.startswith(">=") for bound in information["dependencies"].values())
