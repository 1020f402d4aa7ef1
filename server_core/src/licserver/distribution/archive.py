# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The archive of a distribution: written whole or not at all, and believed only where every checksum fits.

``SHA256SUMS`` lists every other file, in the format of the command ``sha256sum``. It finds damage, not forgery: whoever
can replace the archive can replace the list too.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from licserver.distribution import DistributionError

SUMS = "SHA256SUMS"
DESCRIPTION = "distribution.json"
MAX_BYTES = 1 << 30
"""What an archive may unpack to."""
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_PART = re.compile(r"[^\x00-\x1f<>:\"|?*\\/]*[^\x00-\x1f<>:\"|?*\\/. ]")


@dataclass(frozen=True)
class Description:
    """What a distribution is of and where it can be installed.

    :ivar system: ``linux`` or ``win32``, as Python names it.
    :ivar python: the Python that the libraries are for, as in ``3.11``.
    :ivar machine: the processor, as the system names it.
    """

    version: str
    system: str
    python: str
    machine: str


def write_archive(path: Path, description: Description, files: Mapping[str, Path | bytes]) -> None:
    """Write an archive: a zip for Windows, a ``.tar.gz`` for others. The same files give the same bytes.

    :param files: a file or its content, by its name in the archive.
    :raises DistributionError: there is such a file already, or it cannot be written.
    """
    if path.exists():
        raise DistributionError("file_exists", f"{path} exists already", hint="Move it away, or name another file")
    text = json.dumps(asdict(description), indent=2).encode() + b"\n"
    members = {**files, DESCRIPTION: text}
    sums = "".join(f"{_checksum(content)}  {name}\n" for name, content in sorted(members.items()))
    members[SUMS] = sums.encode()
    draft = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        draft = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            (_write_zip if description.system == "win32" else _write_tar)(file, dict(sorted(members.items())))
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)
    except OSError as error:
        raise DistributionError(
            "write_failed",
            f"{path} could not be written: {error.strerror or error}",
            hint="Name a file in a folder that exists, that you may write to, and that has room",
        ) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


@contextmanager
def unpacked(source: Path) -> Iterator[tuple[Path, Description]]:
    """The folder of a distribution and what it is; ``source`` is an archive, or a folder that one was unpacked to.

    :raises DistributionError: there is none, or it is damaged.
    """
    try:
        if source.is_dir():
            yield source, _verified(source)
            return
        with tempfile.TemporaryDirectory(prefix="licserver-") as scratch:
            folder = Path(scratch)
            _unpack(source, folder)
            yield folder, _verified(folder)
    except FileNotFoundError as error:
        raise _damaged(source, f"there is no {error.filename}") from error
    except (tarfile.TarError, zipfile.BadZipFile, gzip.BadGzipFile, EOFError, UnicodeDecodeError) as error:
        raise _damaged(source, error) from error


def _unpack(source: Path, folder: Path) -> None:
    left = MAX_BYTES
    for name, size, content in _members(source):
        left -= size
        if left < 0:
            raise _damaged(source, "it is too large for one")
        path = folder.joinpath(*_parts(source, name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            while part := content.read(1 << 20):
                file.write(part)


def _members(source: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    if zipfile.is_zipfile(source):
        with zipfile.ZipFile(source) as packed:
            for entry in packed.infolist():
                if not entry.is_dir():
                    with packed.open(entry) as content:
                        yield entry.filename, entry.file_size, content
        return
    with tarfile.open(source, "r:gz") as packed_tar:
        for member in packed_tar:
            content_of_file = packed_tar.extractfile(member) if member.isfile() else None
            if content_of_file is None:
                raise _damaged(source, f"{member.name} is no plain file")
            yield member.name, member.size, content_of_file


def _parts(source: Path, name: str) -> tuple[str, ...]:
    """The parts of a member's name, each of which is a plain name on every system: none can lead elsewhere."""
    path = PurePosixPath(name)
    if path.is_absolute() or not path.parts or not all(_PART.fullmatch(part) for part in path.parts):
        raise _damaged(source, f"{name!r} is no name of a file in it")
    return path.parts


def _verified(folder: Path) -> Description:
    listed = dict(_listed(folder, line) for line in (folder / SUMS).read_text("utf-8").splitlines())
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    for name in sorted((found - {SUMS}) ^ set(listed)):
        raise _damaged(folder, f"{name} is {'missing' if name in listed else 'none of its files'}")
    for name, checksum in listed.items():
        if _checksum(folder / name) != checksum:
            raise _damaged(folder, f"{name} was altered or cut")
    try:
        return Description(**json.loads((folder / DESCRIPTION).read_bytes()))
    except (TypeError, ValueError, RecursionError) as error:
        raise _damaged(folder, f"{DESCRIPTION}: {error}") from error


def _listed(folder: Path, line: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise _damaged(folder, f"{SUMS} has a line that is none of its own")
    return "/".join(_parts(folder, match[2])), match[1]


def _checksum(content: Path | bytes) -> str:
    digest = hashlib.sha256()
    with io.BytesIO(content) if isinstance(content, bytes) else content.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def _write_zip(file: IO[bytes], members: Mapping[str, Path | bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, content if isinstance(content, bytes) else content.read_bytes())


def _write_tar(file: IO[bytes], members: Mapping[str, Path | bytes]) -> None:
    with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as squeezed, tarfile.open(fileobj=squeezed, mode="w") as packed:
        for name, content in members.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755 if name.endswith(".sh") else 0o644
            packed.addfile(entry, io.BytesIO(data))


def _damaged(source: Path, problem: object) -> DistributionError:
    return DistributionError(
        "bad_distribution",
        f"{source} is no whole distribution of the server: {problem}",
        hint="Save it again with `licctl distribution save`, and copy it again",
    )
