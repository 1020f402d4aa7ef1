# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four facts of a Linux computer, read from ``/sys``, ``/etc`` and the host's name.

Sources, best first:

=========  ==========================================================================================
disk       ``wwid``, ``serial``: of the disk that holds ``/``; ``filesystem``: the UUID of the file system on it;
           ``container``: where ``/`` is no disk at all, the machine id of the container
network    ``device``: the hardware address of the first real card; ``interface``: that of the first interface that
           is not the loopback, where no card is real (containers)
system     ``machine-id``: ``/etc/machine-id`` and the computer's name
board      ``serial``, ``uuid``: as the firmware says (readable for root only); ``devicetree``: the same on ARM;
           ``model``: vendor and name of board and product, for all to read; ``cpu``: the processor's vendor,
           family and model, where there is no firmware to ask (small virtual machines)
=========  ==========================================================================================

The last sources tell computers of one kind apart badly or not at all; docs/security.md says what that means.
"""

import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from licserver.binding.sources import (
    RiskTable,
    SourcedFacts,
    SourceTable,
    UnusableError,
    another_name,
    real_serial,
)
from licserver.remarks import Remark, remark

assert sys.platform != "win32"

_RANDOM_ADDRESS = "1"
"""``addr_assign_type``: NET_ADDR_RANDOM of linux/netdevice.h."""


class LinuxFacts(SourcedFacts):
    """Reads the facts below ``root`` (another root serves tests)."""

    def __init__(self, root: Path = Path("/"), *, hostname: Callable[[], str] = socket.gethostname) -> None:
        self._root = root
        self._hostname = hostname
        sources: SourceTable = {
            "disk": {
                "wwid": lambda: self._disk_attribute("wwid", "device/wwid"),
                "serial": lambda: self._disk_attribute("serial", "device/serial"),
                "filesystem": self._filesystem_uuid,
                "container": self._container_id,
            },
            "network": {
                "device": lambda: self._first_address(real=True),
                "interface": lambda: self._first_address(real=False),
            },
            "system": {"machine-id": lambda: f"{self._machine_id()} {self._name()}"},
            "board": {
                "serial": lambda: self._serial("sys/class/dmi/id/board_serial"),
                "uuid": lambda: self._serial("sys/class/dmi/id/product_uuid"),
                "devicetree": lambda: self._serial("proc/device-tree/serial-number"),
                "model": self._board_model,
                "cpu": self._processor,
            },
        }
        risks: RiskTable = {
            ("network", "device"): self._card_risks,
            ("network", "interface"): lambda: self._address_risks(self._cards(real=False)[0]),
            ("system", "machine-id"): self._system_risks,
        }
        super().__init__(sources, risks)

    def _text(self, path: str) -> str:
        text = (self._root / path).read_text(encoding="utf-8", errors="replace").strip().strip("\0")
        if not text:
            raise ValueError(f"/{path} is empty")
        return text

    def _serial(self, path: str) -> str:
        return real_serial(self._text(path), f"/{path}")

    def _root_device(self) -> Path:
        number = os.stat(self._root).st_dev
        if os.major(number) == 0:  # btrfs, overlay and their like: ask the mount table what lies below
            number = os.stat(self._root / self._mounted_device().lstrip("/")).st_rdev
        device = self._root / "sys/dev/block" / f"{os.major(number)}:{os.minor(number)}"
        if not device.exists():
            raise ValueError("the root file system lies on no block device")
        return device.resolve()

    def _mounted_device(self) -> str:
        for line in self._text("proc/self/mountinfo").splitlines():
            mount, _, file_system = line.partition(" - ")
            match mount.split(" ")[4:5], file_system.split(" ")[1:2]:
                case ["/"], [source] if source.startswith("/dev/"):
                    return source
        raise ValueError("the root file system lies on no block device")

    def _disk_attribute(self, *names: str) -> str:
        device = self._root_device()
        disk = device.parent if (device / "partition").exists() else device
        for name in names:
            if (disk / name).exists():
                return self._serial(str((disk / name).relative_to(self._root)))
        raise UnusableError("missing", f"the disk {disk.name} has no {names[0]}")

    def _filesystem_uuid(self) -> str:
        name = self._root_device().name
        for link in sorted((self._root / "dev/disk/by-uuid").iterdir()):
            if link.resolve().name == name:
                return link.name
        raise ValueError(f"the file system on {name} has no UUID")

    def _container_id(self) -> str:
        try:
            device = self._root_device()
        except ValueError:
            return self._machine_id()
        raise ValueError(f"the root file system lies on {device.name}")

    def _machine_id(self) -> str:
        text = self._text("etc/machine-id")
        if text == "uninitialized":  # machine-id(5): the image was never started
            raise ValueError("/etc/machine-id says 'uninitialized'")
        return text

    def _name(self) -> str:
        name = self._hostname()
        if name in ("", "(none)"):
            raise ValueError("the computer has no name")
        return name

    def _system_risks(self) -> Iterator[Remark]:
        now = self._name()
        for line in self._text("proc/self/mountinfo").splitlines():
            mount, _, file_system = line.partition(" - ")
            if mount.split(" ")[4:5] == ["/etc/machine-id"] and file_system.startswith("tmpfs "):
                yield remark(
                    "temporary_id",
                    "the id of this system ({file}) is a temporary one: after a restart it is another",
                    file="/etc/machine-id",
                )
        wanted = self._text("etc/hostname")
        if wanted not in (now, "localhost"):  # hostname(5): that means no name of its own
            yield another_name(wanted, now)

    def _cards(self, *, real: bool) -> list[Path]:
        """Network cards or what stands for them, in the order in which the system found them."""
        found = []
        for interface in (self._root / "sys/class/net").iterdir():
            if (interface / "address").exists() and self._attribute(interface, "type") == "1":
                found.append((int(self._attribute(interface, "ifindex")), interface))
        cards = [card for _, card in sorted(found) if (card / "device").exists() == real]
        cards = [card for card in cards if self._attribute(card, "address").strip("0:")]
        if not cards:
            raise UnusableError("no_card", "there is no network card")
        return cards

    def _attribute(self, interface: Path, name: str) -> str:
        return self._text(f"sys/class/net/{interface.name}/{name}")

    def _first_address(self, *, real: bool) -> str:
        return self._attribute(self._cards(real=real)[0], "address")

    def _card_risks(self) -> Iterator[Remark]:
        cards = self._cards(real=True)
        yield from self._address_risks(cards[0])
        next_time = min(cards, key=_place)
        if next_time != cards[0]:
            yield remark(
                "another_card",
                "after a restart the network card {first} may come before {now}, to which keys are bound",
                first=next_time.name,
                now=cards[0].name,
            )

    def _address_risks(self, card: Path) -> Iterator[Remark]:
        if (card / "addr_assign_type").exists() and self._attribute(card, "addr_assign_type") == _RANDOM_ADDRESS:
            text = "the address of the network card {card} is a temporary one: after a restart it is another"
            yield remark("temporary_address", text, card=card.name)

    def _board_model(self) -> str:
        names = ("board_vendor", "board_name", "board_version", "sys_vendor", "product_name", "product_version")
        files = [path for name in names if (path := self._root / "sys/class/dmi/id" / name).exists()]
        found = [text for path in files if (text := path.read_text(encoding="utf-8", errors="replace").strip(" \n\0"))]
        return " / ".join(found) or self._text("sys/class/dmi/id/modalias")

    def _processor(self) -> str:
        wanted = ("vendor_id", "cpu family", "model", "CPU implementer", "CPU part")
        found: dict[str, str] = {}
        for line in self._text("proc/cpuinfo").splitlines():
            name, _, value = line.partition(":")
            found.setdefault(name.strip(), value.strip())
        text = " / ".join(found[name] for name in wanted if found.get(name))
        if not text:
            raise ValueError("/proc/cpuinfo names no processor")
        return text


def _place(card: Path) -> tuple[bool, str]:
    """Where a card stands in the order in which a start finds cards: by its place on the bus, those on USB last."""
    path = (card / "device").resolve().as_posix()
    return "/usb" in path, path
