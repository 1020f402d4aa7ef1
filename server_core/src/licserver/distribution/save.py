# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Saves the distribution of the release that runs this. docs/specification.md, section 3."""

import platform
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from licserver import __version__
from licserver.distribution import DistributionError
from licserver.distribution.archive import Description, write_archive
from licserver.distribution.texts import LINUX_INSTALLER, WINDOWS_INSTALLER, readme
from licserver.distribution.wheels import pack_wheels

RELEASE_FOLDER = "release"
"""Where the release lies in an archive for Windows."""
_NEEDED_WHEELS = ("protect_licensing", "pip")


def this_description() -> Description:
    """What a distribution that is saved here, or can be installed here, is of."""
    major, minor, *_ = sys.version_info
    return Description(__version__, sys.platform, f"{major}.{minor}", platform.machine())


def save(path: Path) -> Description:
    """Save the distribution of this release.

    :raises DistributionError: this is no installed release, or the file cannot be written.
    """
    description = this_description()
    texts = {"README.txt": readme(description).encode()}
    if sys.platform == "win32":
        files = {f"{RELEASE_FOLDER}/{name}": file for name, file in release_files(Path(sys.prefix))}
        write_archive(path, description, {**files, **texts, "install.cmd": WINDOWS_INSTALLER.encode()})
        return description
    with tempfile.TemporaryDirectory(prefix="licserver-") as scratch:
        libraries = (Path(sysconfig.get_path(name)) for name in ("purelib", "platlib"))
        wheels = {wheel.name: wheel for wheel in pack_wheels(libraries, Path(scratch))}
        missing = [name for name in _NEEDED_WHEELS if not any(wheel.startswith(f"{name}-") for wheel in wheels)]
        if missing:
            raise DistributionError(
                "not_a_release",
                f"this release has no {' and no '.join(missing)}, which a distribution needs",
                hint="Have the role license_server, or another distribution, install the release anew",
            )
        write_archive(path, description, {**wheels, **texts, "install.sh": LINUX_INSTALLER.encode()})
    return description


def release_files(root: Path) -> Iterator[tuple[str, Path]]:
    """The files of a release, by their names in it. Its mark of completeness is set where it is installed."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and name != ".complete" and "__pycache__" not in path.parts:
            yield name, path
