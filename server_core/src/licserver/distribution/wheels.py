# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels made again from what is installed. The wheel format: packaging.python.org, "Binary distribution format".

An installer unpacks a wheel, adds notes of its own to the ``.dist-info`` folder, compiles modules, and makes scripts
from the entry points. Taking away what it added gives the wheel back.
"""

import base64
import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, PackagePath, distributions
from pathlib import Path, PurePosixPath

from licserver.distribution import DistributionError

_NOTES_OF_THE_INSTALLER = {"INSTALLER", "REQUESTED", "RECORD", "direct_url.json"}
_SAME_TIME = (1980, 1, 1, 0, 0, 0)
"""The same release gives the same bytes."""


def pack_wheels(site_packages: Iterable[Path], folder: Path) -> list[Path]:
    """Make the wheels of everything that is installed in a release, and return their paths.

    :raises DistributionError: something is not installed from a wheel, or files of it are missing.
    """
    places = dict.fromkeys(str(place) for place in site_packages)
    return sorted(_pack(one, folder) for one in distributions(path=list(places)))


def _pack(distribution: Distribution, folder: Path) -> Path:
    name = distribution.metadata["Name"]
    files = {PurePosixPath(str(file)): file for file in distribution.files or () if _is_of_the_wheel(file)}
    notes = next((path.parent for path in files if path.match("*.dist-info/WHEEL")), None)
    if notes is None or '"editable":true' in (distribution.read_text("direct_url.json") or "").replace(" ", ""):
        raise DistributionError(
            "not_a_release",
            f"{name} was not installed from a wheel",
            hint="Save the distribution with the licctl of an installed release",
        )
    path = folder / f"{notes.name.removesuffix('.dist-info')}-{_tags(distribution)}.whl"
    record = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for inner, file in sorted(files.items()):
            try:
                content = Path(str(file.locate())).read_bytes()
            except OSError as error:
                raise DistributionError(
                    "not_a_release", f"{name} is not whole: {error}", hint="Install the release again"
                ) from error
            wheel.writestr(_entry(inner), content)
            record.append((str(inner), f"sha256={_digest(content)}", str(len(content))))
        own = notes / "RECORD"
        wheel.writestr(_entry(own), _table([*record, (str(own), "", "")]))
    return path


def _is_of_the_wheel(file: PackagePath) -> bool:
    if ".." in file.parts or "__pycache__" in file.parts:  # scripts beside the libraries; compiled modules
        return False
    return not (file.parts[0].endswith(".dist-info") and file.name in _NOTES_OF_THE_INSTALLER)


def _tags(distribution: Distribution) -> str:
    lines = (distribution.read_text("WHEEL") or "").splitlines()
    tags = [line.partition(":")[2].strip().split("-") for line in lines if line.startswith("Tag:")]
    return "-".join(".".join(dict.fromkeys(column)) for column in zip(*tags, strict=True))


def _entry(path: PurePosixPath) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(str(path), _SAME_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


def _table(rows: Iterable[tuple[str, str, str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
