# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Windows image that all computers share: a Wine prefix with a Windows Python in C:\\Py311. Made once, kept."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..system import LabError, run
from . import python
from .wine import PASSWD, PYTHON, WINE, environment

PROOF = "import asyncio, ctypes, decimal, hashlib, lzma, sqlite3, ssl, sys, winreg; print(sys.platform, sys.version)"


@dataclass(frozen=True)
class Image:
    """A folder that holds the image."""

    folder: Path

    @property
    def prefix(self) -> Path:
        return self.folder / "prefix"

    @property
    def python(self) -> Path:
        return self.prefix / "drive_c/Py311"


def image_of(lab: Path) -> Image:
    """Where the image lies under `lab`; its folder is named after the recipe, so that another recipe makes another."""
    here = Path(__file__)
    recipe = [here, here.with_name("python.py"), here.with_name("wine.py"), *sorted(python.SOURCES.iterdir())]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in recipe)).hexdigest()
    return Image(lab / f"image-{digest[:12]}")


def make_image(lab: Path) -> Image:
    """Make the image in place of older ones; a failure leaves none. No computer may be up.

    Raises `LabError` when a step fails.
    """
    image, draft = image_of(lab), Image(lab / "image-draft")
    for old in lab.glob("image-*"):
        shutil.rmtree(old)
    (lab / "downloads").mkdir(parents=True, exist_ok=True)
    draft.folder.mkdir()
    (draft.folder / "passwd").write_text(PASSWD, encoding="ascii")
    _inside(draft, "wine64 wineboot --init && wine64 winecfg -v win10")
    for variable in ("TEMP", "TMP"):
        folder = r"%USERPROFILE%\AppData\Local\Temp"
        _inside(draft, f"wine64 reg add 'HKCU\\Environment' /v {variable} /t REG_EXPAND_SZ /d '{folder}' /f")
    (draft.prefix / "drive_c/users/Administrator/AppData/Local/Temp").mkdir(parents=True, exist_ok=True)
    python.assemble(draft.python, lab / "downloads")
    python.compile_system_library(draft.prefix / "drive_c/windows/system32")
    said = _inside(draft, f"wine64 '{PYTHON}' -c '{PROOF}'")
    if not said.startswith("win32 3.11."):
        raise LabError(f"the Python of the image does not work: {said or 'it says nothing'}")
    _inside(draft, f"wine64 '{PYTHON}' -m ensurepip")
    _leave_linux_out(draft.prefix)
    draft.folder.rename(image.folder)
    return image


def _inside(image: Image, script: str) -> str:
    """What a shell script prints that runs Windows programs on the image; afterwards all is on the disk.

    Its standard output is a pipe: Windows programs cannot write to a file that Linux opened for them.
    """
    folder, _ = os.path.split(WINE)
    # wineserver has its socket in /tmp; the image stays where it is, also if that is below /tmp
    own_tmp = 'mount --bind "$2" /mnt && mount -t tmpfs tmpfs /tmp && mkdir -p "$2" && mount --move /mnt "$2"'
    setting = f'mount --bind "$1" /etc/passwd && {own_tmp} && cd / && PATH="{folder}:$PATH"'
    inner = f"{setting} && {{ {script}; }} && {{ wineserver -k; wineserver -w; }}"
    command = ["unshare", "--mount", "--fork", "--pid", "--kill-child", "--mount-proc", "sh", "-c", inner, "sh"]
    done = subprocess.run(
        [*command, image.folder / "passwd", image.folder],
        env=environment(image.prefix),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    if done.returncode != 0:
        raise LabError(f"`{script}` failed with exit code {done.returncode}:\n{(done.stderr or done.stdout)[-2000:]}")
    return done.stdout


def _leave_linux_out(prefix: Path) -> None:
    (prefix / "dosdevices/z:").unlink()
    for device in (prefix / "dosdevices").glob("com*"):
        device.unlink()
    run("sync", "--file-system", prefix)
