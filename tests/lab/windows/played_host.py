# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as the players see it: its disk, what is kept of its state, its settings, its programs and its log."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol

from .disk import Disk


@dataclass(frozen=True)
class Settings:
    """What the lab can change on a host while it runs. The defaults are those that suit a branch.

    `administrator`: the account belongs to the group Administrators. `basic`: WinRM offers Basic authentication.
    `allow_unencrypted`: WinRM takes messages that nothing encrypts.
    """

    administrator: bool = True
    basic: bool = True
    allow_unencrypted: bool = False


class SettingsFile:
    """The settings of a host in a file: `settings.json`, read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: int | None = None
        self._settings = Settings()

    @property
    def basic(self) -> bool:
        return self.read().basic

    @property
    def allow_unencrypted(self) -> bool:
        return self.read().allow_unencrypted

    def read(self) -> Settings:
        try:
            stamp = self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return Settings()
        if stamp != self._stamp:
            self._settings = Settings(**json.loads(self._path.read_text(encoding="utf-8")))
            self._stamp = stamp
        return self._settings

    def change(self, changes: dict[str, bool]) -> None:
        """Raises `ValueError` when a name is not that of a setting."""
        unknown = changes.keys() - {field.name for field in fields(Settings)}
        if unknown:
            known = ", ".join(field.name for field in fields(Settings))
            raise ValueError(f"{', '.join(sorted(unknown))}: no such setting; there are {known}")
        write_json(self._path, {field.name: getattr(self.read(), field.name) for field in fields(Settings)} | changes)


class Records:
    """What is only noted of a host because nothing on its disk can hold it: named tables in one JSON file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def table(self, name: str) -> dict[str, Any]:
        if not self._path.exists():
            return {}
        tables: dict[str, dict[str, Any]] = json.loads(self._path.read_text(encoding="utf-8"))
        return tables.get(name, {})

    def replace(self, name: str, table: dict[str, Any]) -> None:
        tables = json.loads(self._path.read_text(encoding="utf-8")) if self._path.exists() else {}
        write_json(self._path, tables | {name: table})


class Machine(Protocol):
    """What only a computer has, and a desk has not."""

    def is_on(self) -> bool:
        """Whether the computer is switched on; nothing else can be asked of one that is not."""

    def run(
        self, words: list[str], directory: Path, variables: dict[str, str], stdin: bytes
    ) -> tuple[int, bytes, bytes]:
        """Run a Windows program: its exit code and what it wrote to its two streams."""

    def ask(self, topic: str, **question: Any) -> Any:
        """What the lab's helper inside Windows answers. Raises `AgentError` when Windows refuses."""

    def filter_traffic(self, rules: str) -> None:
        """Let the kernel filter the traffic of the computer by a script for nft."""

    def files_in_use(self) -> set[str]:
        """The files of the disk that programs of the computer have open, as paths of this machine."""


class AgentError(Exception):
    """Windows refused what the lab's helper asked of it."""


class PlayedHost:
    """One host. `machine` is None on a desk, of which only the disk is played."""

    def __init__(self, name: str, folder: Path, drive: Path, machine: Machine | None) -> None:
        self.name = name
        self.lock = threading.RLock()
        self.disk = Disk(drive, name)
        self.records = Records(folder / "records.json")
        self.settings = SettingsFile(folder / "settings.json")
        self.machine = machine
        self._log = folder / "log.jsonl"

    def is_on(self) -> bool:
        return self.machine is None or self.machine.is_on()

    def log(self, **entry: Any) -> None:
        """Write a line to the log of the host, which must hold no secret."""
        with self.lock, self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry, ensure_ascii=False) + "\n")


def write_json(path: Path, content: Any) -> None:
    draft = path.with_name(f".{path.name}.new")
    draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(draft, path)
