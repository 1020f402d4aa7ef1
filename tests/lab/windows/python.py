# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows CPython 3.11, put together without Windows, and archives of it as an operator would have them.

The wheel of panda3d carries python311.dll, the compiled modules of the standard library and their DLLs, for building
Windows programs elsewhere. The standard library in Python is that of the Python 3.11 which runs this; python.exe,
python3.dll and the launcher of virtual environments are compiled here.
"""

from __future__ import annotations

import hashlib
import py_compile
import re
import shutil
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

from ..system import LabError, run
from .wine import COMPILER

SOURCES = Path(__file__).with_name("image")
WHEEL = "panda3d==1.10.16"
WHEEL_SHA256 = "37acfb92655c4226879f95c988e2ef1449a53c54486d6c1ebc00e2772429af82"
NOT_TAKEN = (
    "site-packages",
    "test",
    "idlelib",
    "lib2to3",
    "tkinter",
    "turtledemo",
    "lib-dynload",
    "config-*",
    "__pycache__",
    "*.so",
)
NOT_EMBEDDED = {"ensurepip", "venv", "distutils", "pydoc_data", "turtle.py"}


def assemble(folder: Path, downloads: Path) -> None:
    """Put Python into `folder`, in the layout of the official installer; `downloads` keeps the wheel.

    Raises `LabError` when a step fails.
    """
    if sys.version_info[:2] != (3, 11):
        raise LabError(f"the standard library is taken from Python 3.11; this is {sysconfig.get_python_version()}")
    standard_library = Path(sysconfig.get_path("stdlib"))
    if not list(standard_library.glob("ensurepip/_bundled/pip-*.whl")):
        raise LabError(
            f"{standard_library} has no pip of its own for virtual environments, as Debian's has none; take one of"
            " python.org or pyenv: make PYTHON=/path/to/python3.11"
        )
    (folder / "DLLs").mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        _unpack_libraries(_wheel(downloads), Path(scratch), folder)
        shutil.copytree(standard_library, folder / "Lib", ignore=shutil.ignore_patterns(*NOT_TAKEN))
        (folder / "Lib/site-packages").mkdir()
        _compile(Path(scratch), folder)
    run(sys.executable, "-m", "compileall", "-q", "-j2", folder / "Lib", "-s", folder, "-p", "C:/Py311")


def compile_system_library(folder: Path) -> None:
    """Put into `folder` the library of Windows itself that this Wine lacks."""
    source, target = SOURCES / "bcryptprimitives.c", folder / "bcryptprimitives.dll"
    run(f"{COMPILER}-gcc", "-shared", "-O2", "-s", "-o", target, source, "-ladvapi32")


def write_archive(python: Path, archive: Path, *, embeddable: bool) -> None:
    """Write Python to a zip archive: as it lies on the disk, with pip, or like the official embeddable package.

    The embeddable package has everything in one folder, the standard library as one zip of compiled modules, no pip, no
    `venv`, and a `python311._pth` that shuts out the environment.
    """
    draft = archive.with_name(f".{archive.name}.new")
    with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as packed:
        if embeddable:
            _pack_embeddable(python, packed)
        else:
            for path in sorted(python.rglob("*")):
                if "__pycache__" not in path.parts:
                    packed.write(path, path.relative_to(python))
    draft.replace(archive)


def _wheel(downloads: Path) -> Path:
    platform = ["--only-binary=:all:", "--platform=win_amd64", "--python-version=3.11", "--implementation=cp"]
    found = list(downloads.glob("panda3d-*.whl"))
    if not found:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        run(*pip, *platform, "--dest", downloads, WHEEL)
        found = list(downloads.glob("panda3d-*.whl"))
    (wheel,) = found
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL_SHA256:
        raise LabError(f"{wheel} is not the file that is expected here; remove it and try again")
    return wheel


def _unpack_libraries(wheel: Path, scratch: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(scratch, [name for name in packed.namelist() if name.startswith("deploy_libs/")])
    libraries = scratch / "deploy_libs"
    for name in ("python311.dll", "VCRUNTIME140.dll"):
        shutil.copy(libraries / name, folder)
    for path in (*libraries.glob("*.pyd"), *libraries.glob("lib*.dll"), libraries / "sqlite3.dll"):
        if path.name != "_tkinter.pyd":
            shutil.copy(path, folder / "DLLs")


def _compile(scratch: Path, folder: Path) -> None:
    program, library = f"{COMPILER}-gcc", folder / "python311.dll"
    run(f"{COMPILER}-windres", "--include-dir", SOURCES, SOURCES / "python.rc", scratch / "python.o")
    run(
        program,
        "-O2",
        "-s",
        "-municode",
        "-o",
        folder / "python.exe",
        SOURCES / "pymain.c",
        scratch / "python.o",
        library,
    )
    exports = _exported_names(run(f"{COMPILER}-objdump", "-p", library))
    forwards = "".join(f"{name} = python311.{name}\n" for name in exports)
    (scratch / "python3.def").write_text(f"LIBRARY python3.dll\nEXPORTS\n{forwards}", encoding="ascii")
    sources = (SOURCES / "python3.c", scratch / "python3.def")
    run(program, "-shared", "-nostdlib", "-s", "-o", folder / "python3.dll", *sources)
    launchers = folder / "Lib/venv/scripts/nt"
    launchers.mkdir(exist_ok=True)
    launcher = (SOURCES / "venvlauncher.c", scratch / "python.o")
    run(program, "-O2", "-s", "-municode", "-o", launchers / "python.exe", *launcher)
    shutil.copy(launchers / "python.exe", launchers / "pythonw.exe")


def _exported_names(listing: str) -> list[str]:
    table = listing.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    return [match[1] for match in re.finditer(r"\[ *\d+\].* (\w+)$", table, re.MULTILINE)]


def _pack_embeddable(python: Path, packed: zipfile.ZipFile) -> None:
    for path in sorted([*python.glob("*.dll"), *python.glob("*.exe"), *python.glob("DLLs/*")]):
        packed.write(path, path.name)
    packed.writestr(
        "python311._pth", "python311.zip\r\n.\r\n\r\n# Uncomment to run site.main() automatically\r\n#import site\r\n"
    )
    with tempfile.TemporaryDirectory() as scratch:
        library, compiled = Path(scratch) / "python311.zip", Path(scratch) / "module.pyc"
        with zipfile.ZipFile(library, "w", zipfile.ZIP_DEFLATED) as modules:
            for path in sorted((python / "Lib").rglob("*.py")):
                place = path.relative_to(python / "Lib")
                if place.parts[0] not in NOT_EMBEDDED | {"site-packages"}:
                    py_compile.compile(str(path), str(compiled), dfile=place.as_posix(), doraise=True)
                    modules.write(compiled, place.with_suffix(".pyc"))
        packed.write(library, library.name)
