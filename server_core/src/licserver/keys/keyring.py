# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keyring: which keys are attached to this computer now, and which of them work.

docs/specification.md, section 3 "Web page" (the list of keys), sections 5 and 7.
"""

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from licserver.binding import Binding, FactReader, OneReading, bind_like, warnings_of
from licserver.documents import License
from licserver.errors import LicensingError
from licserver.files import write_atomically
from licserver.kept_file import free_name, set_aside
from licserver.keys import KeyFileError, ProtectionKey
from licserver.keys.soft_key import KeyFile, SoftKey, read_key_file
from licserver.kit import Kit, KitError, read_kit
from licserver.remarks import Remark, remark
from licserver.system import this_system

SUFFIX = ".dongle"
REMOVED = ".removed-"
"""Stands in the name of the copy that is left of a key which was removed, before the time."""
KITS = "kits"
"""The folder of vendors' kits in a server's state."""


KeyKind = Literal["soft", "hardware"]


@dataclass(frozen=True)
class AttachedKey:
    """A key as the list shows it: it works (``key``), or there is a problem with it.

    :ivar warnings: what is about to break a key that works.
    """

    key_number: str
    license: License | None
    key: ProtectionKey | None
    problem: Remark | None
    warnings: tuple[Remark, ...] = ()
    kind: KeyKind = "soft"


def one_of_each(found: Iterable[AttachedKey]) -> list[AttachedKey]:
    """Of keys with one number the first that works, or else the first one."""
    chosen: dict[str, AttachedKey] = {}
    for key in found:
        known = chosen.setdefault(key.key_number, key)
        if known.key is None and key.key is not None:
            chosen[key.key_number] = key
    return list(chosen.values())


class KeyFolder:
    """The folders of a server's state that hold software keys and vendors' kits."""

    def __init__(self, state: Path) -> None:
        self._keys = this_system().key_folder(state)
        self._kits = state / KITS
        for folder in (self._keys, self._kits):
            this_system().make_private(folder)
        self._opened: dict[str, _Opened] = {}
        self._known_kits: dict[str, Kit] = {}

    def kits(self) -> dict[str, Kit]:
        """Every kit that can be read, by the id of each vendor key in it. A damaged one is set aside; the keys of that
        vendor then say that their kit is missing."""
        found: dict[str, Kit] = {}
        for path in sorted(self._kits.glob("*.json")):
            try:
                text = path.read_bytes()
                kit = read_kit(text)
            except OSError:
                continue
            except KitError as error:
                if not _is_of_another_version(text):
                    with contextlib.suppress(LicensingError):  # it may be set aside already
                        set_aside(path, error)
                continue
            found.update({key.kid: kit for key in kit.vendor_keys})
        return found

    def add_kit(self, kit: Kit, text: bytes) -> None:
        """Keep a vendor's kit, so that the keys of that vendor are believed."""
        path = self._kits / f"{kit.vendor_keys[0].kid}.json"
        if not path.exists() or path.read_bytes() != text:
            write_atomically(path, text)

    def path(self, key_number: str) -> Path:
        """Where the file of a software key lies."""
        return self._keys / f"{key_number}{SUFFIX}"

    def remove(self, key_number: str, *, purge: bool) -> Path | None:
        """Take the file of a software key away; the copy that is left of it.

        :param key_number: of a key that was attached at the last look.
        :param purge: leave no copy.
        :raises KeyFileError: it cannot be taken away.
        """
        path = self.path(key_number)
        copy = None if purge else free_name(path, REMOVED)
        try:
            if copy is None:
                path.unlink(missing_ok=True)
            else:
                path.rename(copy)
            this_system().sync_folder(path.parent)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise KeyFileError(
                f"{path} cannot be removed: {error.strerror}",
                code="write_failed",
                hint="Check the rights of its folder",
            ) from error
        return copy

    def attached(self, reader: FactReader) -> list[AttachedKey]:
        """Every software key in the folder, opened; a broken one stands there with its problem.

        A key that was opened at the last look is not opened again, if its file, the kits and the computer are the same.
        """
        kits, facts = self.kits(), OneReading(reader)
        opened = self._opened if kits == self._known_kits else {}
        self._opened, self._known_kits = {}, kits
        return [self._attached(path, facts, opened.get(path.stem)) for path in sorted(self._keys.glob(f"*{SUFFIX}"))]

    def _attached(self, path: Path, facts: FactReader, before: "_Opened | None") -> AttachedKey:
        license = None
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
            known = before if before is not None and before.text == text else None
            content = known.content if known else read_key_file(text, self._known_kits)
            license = content.license
            if license.key_number != path.stem:
                raise KeyFileError(
                    f"the file is named {path.name}, but holds the key {license.key_number}",
                    code="key_misnamed",
                    details={"file": path.name, "holds": license.key_number},
                )
            binding = bind_like(facts, license.facts)
            key = known.key if known and known.binding == binding else content.open(binding)
        except LicensingError as error:
            return AttachedKey(path.stem, license, None, Remark.of(error))
        except OSError as error:
            problem = remark(
                "key_unreadable", "{file} cannot be read: {why}", file=path.name, why=error.strerror or str(error)
            )
            return AttachedKey(path.stem, None, None, problem)
        self._opened[path.stem] = _Opened(text, content, binding, key)
        return AttachedKey(path.stem, license, key, None, warnings_of(facts, license.facts))


class _Opened(NamedTuple):
    """A key that works, and what that depends on."""

    text: str
    content: KeyFile
    binding: Binding
    key: SoftKey


class _AnyKit(msgspec.Struct):
    kind: Literal["protect-kit"]
    version: int


def _is_of_another_version(text: bytes) -> bool:
    """Whether a text that is no kit is one that a newer server wrote."""
    try:
        return msgspec.json.decode(text, type=_AnyKit).version != 1
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
