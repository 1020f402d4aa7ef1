# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small Windows programs in the place of those that a branch has already: compiled here, with the version asked for."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ...system import run
from ..wine import COMPILER

SOURCES = Path(__file__).parent
NAMES = sorted(path.stem for path in SOURCES.glob("*.c"))


def compile_program(name: str, program: Path, version: tuple[int, int, int, int]) -> None:
    """Write one of `NAMES` to the file `program`.

    Raises `LabError` when it cannot be compiled.
    """
    numbers = ",".join(map(str, version))
    with tempfile.TemporaryDirectory() as scratch:
        resource = Path(scratch) / "version.o"
        run(f"{COMPILER}-windres", f"-DVERSION={numbers}", SOURCES / "version.rc", resource)
        run(f"{COMPILER}-gcc", "-O2", "-s", "-municode", "-o", program, SOURCES / f"{name}.c", resource)
