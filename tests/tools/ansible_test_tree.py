# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where ansible-test works: build/ansible_test, with a home of its own, so that the user's is not touched.

ansible-test wants its collection under ansible_collections/<namespace>/<name>. It gets what the built tarball
holds (what an operator would have) together with tests/unit. Its sanity tests fill virtual environments, for
which it would download pip from a site of Ansible's own; a small script in its cache takes the pip that
Python brings along instead, and that pip then installs the version asked for.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "ansible_test"
HOME = PLACE / "home"
COLLECTION = PLACE / "ansible_collections" / "protect" / "licensing"
INSTALLED = ROOT / "build" / "collections" / "ansible_collections" / "protect" / "licensing"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"

PIP_VERSION = "24.2"  # the one that the pinned ansible-core asks for
BOOTSTRAP = '''\
"""Puts pip into an empty virtual environment, offline, then lets it install what the arguments name."""

import runpy
import subprocess
import sys

subprocess.run([sys.executable, "-m", "ensurepip"], check=True, stdout=subprocess.DEVNULL)
wanted = [argument for argument in sys.argv[1:] if argument not in ("--no-setuptools", "--no-wheel")]
sys.argv = ["pip", "install", *wanted]
runpy.run_module("pip", run_name="__main__", alter_sys=True)
'''


def environment() -> dict[str, str]:
    """What ansible-test must find in its environment to stay in its place."""
    return {"HOME": str(HOME), "ANSIBLE_HOME": str(HOME / ".ansible"), "ANSIBLE_TEST_CONTENT_ROOT": str(COLLECTION)}


def prepare() -> None:
    """Fills the place anew from build/collections and tests/unit; keeps ansible-test's caches."""
    shutil.rmtree(PLACE / "ansible_collections", ignore_errors=True)
    shutil.copytree(INSTALLED, COLLECTION, ignore=shutil.ignore_patterns("MANIFEST.json", "FILES.json"))
    shutil.copy(ROOT / "galaxy.yml", COLLECTION)
    if (ROOT / "tests" / "unit").is_dir():
        shutil.copytree(
            ROOT / "tests" / "unit", COLLECTION / "tests" / "unit", ignore=shutil.ignore_patterns("__pycache__")
        )
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    (cache / f"get_pip_{PIP_VERSION.replace('.', '_')}.py").write_text(BOOTSTRAP)
    use_the_users_package_index()


def use_the_users_package_index() -> None:
    """ansible-test passes no PIP_… on to pip; where the user keeps pip's settings in files, they are found."""
    theirs = Path(os.path.expanduser("~")) / ".config" / "pip"
    ours = HOME / ".config" / "pip"
    if theirs.is_dir() and not ours.exists():
        ours.parent.mkdir(parents=True, exist_ok=True)
        ours.symlink_to(theirs)
