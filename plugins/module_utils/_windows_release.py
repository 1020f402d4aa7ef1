# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts a release for Windows together: a Python for Windows with the payload and its libraries in it, as one zip.

Nothing of it runs on Windows. The Python is one that can be moved, as the official embeddable package is; libraries are
installed into it by the pip of the wheelhouse.
"""

from __future__ import annotations

import fcntl
import glob
import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, cast

_PLATFORMS = {0x014C: "win32", 0x8664: "win_amd64", 0xAA64: "win_arm64"}
_LIBRARY = re.compile(r"python3(\d+)\.dll")


class ReleaseError(Exception):
    """A release cannot be put together: what is wrong with which file, and what to do about it."""


def checksum(path: str) -> str:
    """SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for part in iter(lambda: file.read(1 << 20), b""):
            digest.update(part)
    return digest.hexdigest()


def release_path(folder: str, sources: Iterable[str]) -> str:
    """Where the release lies that is made of the files ``sources``: other files, or other content, another place."""
    digest = hashlib.sha256("".join(checksum(source) for source in sources).encode())
    return os.path.join(folder, f"release-{digest.hexdigest()[:16]}.zip")


def ensure_release(path: str, *, python: str, payload: str, wheelhouse: str) -> bool:
    """Have the release at ``path``, and tell whether it had to be made; others who want it meanwhile wait.

    ``python`` is a zip with ``python.exe`` in its root, ``wheelhouse`` a ``.tar.gz`` of wheels. Raises
    :class:`ReleaseError`, and :class:`OSError` for what the disk refuses.
    """
    with _locked(f"{path}.lock"):
        if os.path.exists(path):
            return False
        with tempfile.TemporaryDirectory(dir=os.path.dirname(path)) as scratch:
            root, wheels = os.path.join(scratch, "release"), os.path.join(scratch, "wheels")
            _unpack_python(python, root)
            _install([*_unpack_wheels(wheelhouse, wheels), payload], root)
            draft = os.path.join(scratch, "release.zip")
            _pack(root, draft)
            os.replace(draft, path)
    return True


@contextmanager
def _locked(path: str) -> Iterator[None]:
    with open(path, "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack_python(archive: str, root: str) -> None:
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(root)
    except zipfile.BadZipFile as error:
        raise ReleaseError(f"{archive}: {error}. Give the embeddable package of python.org, a zip archive") from None
    if not os.path.exists(os.path.join(root, "python.exe")):
        raise ReleaseError(f"{archive} has no python.exe in its root. Give the embeddable package of python.org")
    for settings in glob.glob(os.path.join(glob.escape(root), "python*._pth")):
        with open(settings, "w", encoding="utf-8", newline="\r\n") as file:
            library = os.path.basename(settings).replace("._pth", ".zip")
            file.write(f"{library}\n.\nLib\\site-packages\nimport site\n")


def _unpack_wheels(archive: str, folder: str) -> list[str]:
    os.makedirs(folder)
    try:
        with tarfile.open(archive) as packed:
            wheels = [member for member in packed if member.isfile() and member.name.endswith(".whl")]
            for member in wheels:
                content = cast(IO[bytes], packed.extractfile(member))
                with open(os.path.join(folder, os.path.basename(member.name)), "wb") as wheel:
                    shutil.copyfileobj(content, wheel)
    except tarfile.TarError as error:
        raise ReleaseError(
            f"{archive}: {error}. The playbook protect.licensing.wheelhouse makes a wheelhouse"
        ) from None
    return [os.path.join(folder, os.path.basename(member.name)) for member in wheels]


def _install(wheels: list[str], root: str) -> None:
    pip = next((wheel for wheel in wheels if os.path.basename(wheel).startswith("pip-")), None)
    if pip is None:
        raise ReleaseError("the wheelhouse has no pip. The playbook protect.licensing.wheelhouse makes one that has")
    target = os.path.join(root, "Lib", "site-packages")
    options = {"--target": target, "--platform": _platform(root), "--python-version": _python_version(root)}
    flags = ["--quiet", "--isolated", "--no-input", "--no-index", "--no-deps", "--no-compile", "--only-binary=:all:"]
    values = [f"{option}={value}" for option, value in options.items()]
    command = [sys.executable, os.path.join(pip, "pip"), "install", *flags, *values, "--implementation=cp", *wheels]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode != 0:
        fit = f"The wheels must fit Python {options['--python-version']} on {options['--platform']}"
        raise ReleaseError(f"the libraries cannot be installed: {_tail(done.stderr)}. {fit}")


def _environment() -> Mapping[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}


def _platform(root: str) -> str:
    with open(os.path.join(root, "python.exe"), "rb") as program:
        head = program.read(4096)
    (start,) = struct.unpack_from("<I", head, 0x3C)
    (machine,) = struct.unpack_from("<H", head, start + 4)
    if machine not in _PLATFORMS:
        raise ReleaseError(f"python.exe is for an unknown processor ({machine:#06x})")
    return _PLATFORMS[machine]


def _python_version(root: str) -> str:
    match = next((match for match in map(_LIBRARY.fullmatch, os.listdir(root)) if match), None)
    if match is None:
        raise ReleaseError("there is no python3x.dll beside python.exe. Give the embeddable package of python.org")
    if int(match[1]) < 10:
        raise ReleaseError(f"it is Python 3.{match[1]}, and 3.10 or later is needed")
    return f"3.{match[1]}"


def _pack(root: str, path: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed:
        for folder, _folders, files in os.walk(root):
            for name in files:
                file = os.path.join(folder, name)
                packed.write(file, os.path.relpath(file, root))


def _tail(text: str) -> str:
    return " / ".join(text.strip().splitlines()[-3:])
