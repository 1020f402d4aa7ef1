# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four facts of a Linux computer, on computers made of files."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from licserver.binding import Fact, FactError
from licserver.binding.linux import LinuxFacts
from licserver.documents import FactKind

SCSI, LOOP, NO_DISK = os.makedev(8, 1), os.makedev(7, 0), os.makedev(0, 33)
NETWORK, DMI = "sys/class/net", "sys/class/dmi/id"


class Root:
    """The files of a computer, below a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.device = SCSI
        self.mounted: dict[str, int] = {}
        self.facts = LinuxFacts(path, hostname=lambda: "host")

    def write(self, path: str, text: str = "") -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).write_text(text, encoding="utf-8")

    def link(self, path: str, target: str) -> None:
        (self.path / path).parent.mkdir(parents=True, exist_ok=True)
        (self.path / path).symlink_to(self.path / target)

    def disk(self, name: str = "sda", partition: str | None = "sda1", number: str = "8:1") -> str:
        """A disk that holds the root file system; the folder of its attributes."""
        folder = f"sys/devices/{name}"
        self.write(f"{folder}/size", "1000")
        if partition is not None:
            self.write(f"{folder}/{partition}/partition", "1")
        self.link(f"sys/dev/block/{number}", folder if partition is None else f"{folder}/{partition}")
        return folder

    def card(self, name: str, index: int, address: str, *, real: bool = True, kind: str = "1") -> None:
        self.write(f"{NETWORK}/{name}/address", f"{address}\n")
        self.write(f"{NETWORK}/{name}/type", f"{kind}\n")
        self.write(f"{NETWORK}/{name}/ifindex", f"{index}\n")
        if real:
            self.write(f"{NETWORK}/{name}/device/vendor", "0x8086")

    def place(self, name: str, bus: str, *, temporary: bool = False) -> None:
        """Where a card that is there already stands on the bus, and of what kind its address is."""
        (self.path / NETWORK / name / "device/vendor").unlink()
        (self.path / NETWORK / name / "device").rmdir()
        self.write(f"sys/devices/{bus}/vendor", "0x8086")
        self.link(f"{NETWORK}/{name}/device", f"sys/devices/{bus}")
        self.write(f"{NETWORK}/{name}/addr_assign_type", "1\n" if temporary else "0\n")

    def best(self, kind: FactKind) -> Fact:
        return self.facts.best(kind)

    def warnings(self, kind: FactKind, source: str) -> tuple[str, ...]:
        return tuple(map(str, self.facts.warnings(kind, source)))

    def problem(self, kind: FactKind, source: str | None = None) -> str:
        with pytest.raises(FactError) as refused:
            self.facts.best(kind) if source is None else self.facts.read(kind, source)
        return refused.value.message


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Root:
    """A computer without anything; its root file system lies on the device 8:1."""
    made = Root(tmp_path)

    def stat(path: Path) -> SimpleNamespace:
        inside = str(path.relative_to(tmp_path))
        if inside == ".":
            return SimpleNamespace(st_dev=made.device)
        if inside not in made.mounted:
            raise FileNotFoundError(2, "No such file or directory")
        return SimpleNamespace(st_rdev=made.mounted[inside])

    monkeypatch.setattr("licserver.binding.linux.os", SimpleNamespace(stat=stat, major=os.major, minor=os.minor))
    return made


class TestDisk:
    def test_the_world_wide_name_comes_first(self, root: Root) -> None:
        folder = root.disk()
        root.write(f"{folder}/wwid", "naa.5000c500\n")
        root.write(f"{folder}/device/serial", "S1")

        assert root.best("disk") == Fact("disk", "wwid", "naa.5000c500")

    @pytest.mark.parametrize(
        ("attribute", "source"),
        [("device/wwid", "wwid"), ("serial", "serial"), ("device/serial", "serial")],
    )
    def test_without_it_whatever_else_names_the_disk(self, root: Root, attribute: str, source: str) -> None:
        root.write(f"{root.disk()}/{attribute}", "  X 1 \n")

        assert root.best("disk") == Fact("disk", source, "X 1")

    def test_a_file_system_without_a_partition_lies_on_the_disk_itself(self, root: Root) -> None:
        root.write(f"{root.disk('vda', partition=None)}/serial", "V1")

        assert root.best("disk") == Fact("disk", "serial", "V1")

    @pytest.mark.parametrize("serial", ["", "\n", "None", "0", "To Be Filled By O.E.M.", "\0\0"])
    def test_a_serial_number_that_is_none_is_passed_over(self, root: Root, serial: str) -> None:
        folder = root.disk()
        root.write(f"{folder}/wwid", serial)
        root.write(f"{folder}/serial", "S1")

        assert root.best("disk") == Fact("disk", "serial", "S1")

    def test_without_any_serial_number_the_file_system_counts(self, root: Root) -> None:
        root.disk()
        root.write("dev/sda1")
        root.write("dev/sdb1")
        root.link("dev/disk/by-uuid/aaaa", "dev/sdb1")
        root.link("dev/disk/by-uuid/bbbb", "dev/sda1")

        assert root.best("disk") == Fact("disk", "filesystem", "bbbb")

    def test_a_file_system_without_a_uuid_is_a_problem(self, root: Root) -> None:
        root.disk()
        root.write("dev/sdb1")
        root.link("dev/disk/by-uuid/aaaa", "dev/sdb1")

        assert "the file system on sda1 has no UUID" in root.problem("disk", "filesystem")

    @pytest.mark.parametrize("options", ["rw", "rw shared:1 master:2"])
    def test_below_btrfs_the_mount_table_names_the_device(self, root: Root, options: str) -> None:
        root.device = NO_DISK
        root.mounted["dev/sda1"] = SCSI
        root.write(f"{root.disk()}/wwid", "naa.1")
        root.write(
            "proc/self/mountinfo",
            "20 1 0:5 / /proc rw - proc proc rw\n"
            "21 1 0:2 / / rw - rootfs rootfs rw\n"
            f"22 1 0:33 /@ / {options} - btrfs /dev/sda1 rw,subvol=/@\n",
        )

        assert root.best("disk") == Fact("disk", "wwid", "naa.1")

    def test_a_container_is_known_by_its_machine_id(self, root: Root) -> None:
        root.device = NO_DISK
        root.write("proc/self/mountinfo", "21 1 0:33 / / rw - overlay overlay rw,lowerdir=/a\n")
        root.write("etc/machine-id", "0123\n")

        assert root.best("disk") == Fact("disk", "container", "0123")

    def test_a_computer_with_a_disk_is_no_container(self, root: Root) -> None:
        root.disk()
        root.write("etc/machine-id", "0123")

        assert "container: the root file system lies on sda1" in root.problem("disk")

    def test_a_device_that_sys_does_not_know_is_no_disk(self, root: Root) -> None:
        root.device = LOOP

        assert "the root file system lies on no block device" in root.problem("disk", "wwid")

    def test_a_mounted_device_that_is_gone_is_a_problem_and_no_crash(self, root: Root) -> None:
        root.device = NO_DISK
        root.write("proc/self/mountinfo", "22 1 0:33 / / rw - btrfs /dev/gone rw\n")

        assert "wwid: No such file or directory" in root.problem("disk")

    @pytest.mark.parametrize("line", ["22", "22 1 0:33 / / rw - btrfs", "22 1 0:33 / / rw", " - ", "x - y z"])
    def test_a_strange_line_in_the_mount_table_is_passed_over(self, root: Root, line: str) -> None:
        root.device = NO_DISK
        root.mounted["dev/sda1"] = SCSI
        root.write(f"{root.disk()}/wwid", "naa.1")
        root.write("proc/self/mountinfo", f"{line}\n22 1 0:33 / / rw - btrfs /dev/sda1 rw\n")

        assert root.best("disk").value == "naa.1"

    def test_every_source_that_failed_is_named(self, root: Root) -> None:
        root.disk()

        assert root.problem("disk") == (
            "the system disk cannot be identified: wwid: the disk sda has no wwid; serial: the disk sda has no serial; "
            "filesystem: No such file or directory; container: the root file system lies on sda1"
        )


class TestNetwork:
    def test_the_first_real_card_counts(self, root: Root) -> None:
        root.card("lo", 1, "00:00:00:00:00:00", real=False, kind="772")
        root.card("docker0", 2, "02:42:00:00:00:01", real=False)
        root.card("eth1", 4, "52:54:00:00:00:04")
        root.card("eth0", 3, "52:54:00:00:00:03")

        assert root.best("network") == Fact("network", "device", "52:54:00:00:00:03")

    def test_the_tenth_card_is_not_before_the_second(self, root: Root) -> None:
        root.card("a", 10, "52:54:00:00:00:10")
        root.card("b", 9, "52:54:00:00:00:09")

        assert root.best("network").value == "52:54:00:00:00:09"

    def test_where_no_card_is_real_the_first_interface_counts(self, root: Root) -> None:
        root.card("lo", 1, "00:00:00:00:00:00", real=False, kind="772")
        root.card("eth0", 7, "02:00:00:00:00:07", real=False)

        assert root.best("network") == Fact("network", "interface", "02:00:00:00:00:07")

    def test_something_without_an_address_is_no_card(self, root: Root) -> None:
        root.write(f"{NETWORK}/bonding_masters", "bond0")
        root.card("eth0", 2, "52:54:00:00:00:02")

        assert root.best("network").value == "52:54:00:00:00:02"

    def test_without_a_card_it_says_so(self, root: Root) -> None:
        root.card("lo", 1, "00:00:00:00:00:00", real=False, kind="772")

        assert "there is no network card" in root.problem("network")

    def test_an_address_that_is_empty_is_a_problem(self, root: Root) -> None:
        root.card("eth0", 2, "")

        assert "/sys/class/net/eth0/address is empty" in root.problem("network", "device")

    def test_a_card_without_an_address_of_its_own_is_passed_over(self, root: Root) -> None:
        root.card("eth0", 2, "00:00:00:00:00:00")
        root.card("eth1", 3, "52:54:00:00:00:03")

        assert root.best("network").value == "52:54:00:00:00:03"

    def test_cards_in_the_order_of_the_bus_are_nothing_to_warn_of(self, root: Root) -> None:
        for number, bus in enumerate(("pci/0000:00:03.0", "pci/0000:00:04.0", "pci/0000:00:01.0/usb1")):
            root.card(f"eth{number}", number, f"52:54:00:00:00:0{number + 1}")
            root.place(f"eth{number}", bus)

        assert root.warnings("network", "device") == ()

    def test_a_card_that_will_come_first_after_a_restart_is_warned_of(self, root: Root) -> None:
        for number, bus in enumerate(("pci/0000:00:04.0", "pci/0000:00:03.0"), start=2):
            root.card(f"eth{number}", number, f"52:54:00:00:00:0{number}")
            root.place(f"eth{number}", bus)

        (warning,) = root.warnings("network", "device")
        assert warning == "after a restart the network card eth3 may come before eth2, to which keys are bound"

    def test_a_temporary_address_is_warned_of(self, root: Root) -> None:
        root.card("eth0", 2, "52:54:00:00:00:02")
        root.place("eth0", "pci/0000:00:03.0", temporary=True)
        root.card("veth0", 3, "02:00:00:00:00:03", real=False)
        root.write(f"{NETWORK}/veth0/addr_assign_type", "1\n")

        for source, name in (("device", "eth0"), ("interface", "veth0")):
            (warning,) = root.warnings("network", source)
            assert (
                warning == f"the address of the network card {name} is a temporary one: after a restart it is another"
            )

    def test_without_a_card_there_is_nothing_to_warn_of(self, root: Root) -> None:
        (root.path / NETWORK).mkdir(parents=True)

        assert root.warnings("network", "device") == root.warnings("network", "interface") == ()


class TestSystem:
    def test_the_id_of_an_image_that_was_never_started_is_a_problem(self, root: Root) -> None:
        root.write("etc/machine-id", "uninitialized\n")

        assert "/etc/machine-id says 'uninitialized'" in root.problem("system")

    @pytest.mark.parametrize("name", ["", "(none)"])
    def test_a_computer_without_a_name_is_a_problem(self, root: Root, name: str) -> None:
        root.write("etc/machine-id", "0123\n")
        root.facts = LinuxFacts(root.path, hostname=lambda: name)

        assert "the computer has no name" in root.problem("system")

    @pytest.mark.parametrize(
        ("written", "warned"),
        [("host\n", False), ("localhost\n", False), ("", False), (None, False), ("renamed\n", True)],
    )
    def test_a_name_that_is_another_after_a_restart_is_warned_of(
        self, root: Root, written: str | None, warned: bool
    ) -> None:
        root.write("proc/self/mountinfo", "21 1 0:33 / / rw - overlay overlay rw\n")
        if written is not None:
            root.write("etc/hostname", written)

        expected = "after a restart this computer is named renamed and not host any more"
        assert root.warnings("system", "machine-id") == ((expected,) if warned else ())

    @pytest.mark.parametrize(("kind", "warned"), [("tmpfs tmpfs", True), ("ext4 /dev/sda1", False)])
    def test_a_temporary_id_is_warned_of(self, root: Root, kind: str, warned: bool) -> None:
        root.write(
            "proc/self/mountinfo", f"21 1 0:33 / / rw - overlay overlay rw\n9 21 0:2 / /etc/machine-id ro - {kind} rw\n"
        )
        root.write("etc/hostname", "host\n")

        assert bool(root.warnings("system", "machine-id")) == warned

    def test_machine_id_and_name_are_one_fact(self, root: Root) -> None:
        root.write("etc/machine-id", "0123\n")

        assert root.best("system") == Fact("system", "machine-id", "0123 host")

    @pytest.mark.parametrize("text", ["", "\n", "\0\0"])
    def test_an_empty_machine_id_is_a_problem(self, root: Root, text: str) -> None:
        root.write("etc/machine-id", text)

        assert "/etc/machine-id is empty" in root.problem("system")

    def test_a_missing_machine_id_is_a_problem(self, root: Root) -> None:
        assert "machine-id: No such file or directory" in root.problem("system")


class TestBoard:
    def test_the_serial_number_comes_first(self, root: Root) -> None:
        root.write(f"{DMI}/board_serial", "B1")
        root.write(f"{DMI}/product_uuid", "U1")

        assert root.best("board") == Fact("board", "serial", "B1")

    @pytest.mark.parametrize("serial", ["Default string", "NOT SPECIFIED", "none", "System Serial Number"])
    def test_a_serial_number_that_nobody_filled_in_is_passed_over(self, root: Root, serial: str) -> None:
        root.write(f"{DMI}/board_serial", serial)
        root.write(f"{DMI}/product_uuid", "U1")

        assert root.best("board") == Fact("board", "uuid", "U1")
        assert "which is no serial number" in root.problem("board", "serial")

    def test_on_arm_the_device_tree_knows(self, root: Root) -> None:
        root.write("proc/device-tree/serial-number", "10000000abcdef\0")

        assert root.best("board") == Fact("board", "devicetree", "10000000abcdef")

    def test_without_root_the_model_counts(self, root: Root) -> None:
        root.write(f"{DMI}/board_vendor", "ACME")
        root.write(f"{DMI}/product_name", "Server 1")

        assert root.best("board") == Fact("board", "model", "ACME / Server 1")

    def test_a_name_that_nobody_filled_in_is_left_out_of_the_model(self, root: Root) -> None:
        root.write(f"{DMI}/sys_vendor", "QEMU")
        root.write(f"{DMI}/board_version", "\n")

        assert root.best("board") == Fact("board", "model", "QEMU")

    @pytest.mark.parametrize("uuid", ["00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"])
    def test_a_uuid_that_is_none_is_passed_over(self, root: Root, uuid: str) -> None:
        root.write(f"{DMI}/product_uuid", uuid)
        root.write(f"{DMI}/sys_vendor", "QEMU")

        assert root.best("board") == Fact("board", "model", "QEMU")

    def test_a_model_without_names_has_an_alias(self, root: Root) -> None:
        root.write(f"{DMI}/modalias", "dmi:bvnX")

        assert root.best("board") == Fact("board", "model", "dmi:bvnX")

    def test_without_firmware_the_processor_counts(self, root: Root) -> None:
        root.write(
            "proc/cpuinfo",
            "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 85\ncpu MHz : 2000.1\n\n"
            "processor\t: 1\nvendor_id\t: Other\n",
        )

        assert root.best("board") == Fact("board", "cpu", "GenuineIntel / 6 / 85")

    def test_a_processor_that_has_no_name_is_a_problem(self, root: Root) -> None:
        root.write("proc/cpuinfo", "processor : 0\nvendor_id :\n")

        assert "/proc/cpuinfo names no processor" in root.problem("board")

    def test_a_source_that_may_not_be_read_is_named_with_the_reason(
        self, root: Root, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def forbidden(self: Path, **_: object) -> str:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_text", forbidden)

        assert "serial: Permission denied; uuid: Permission denied" in root.problem("board")


def test_a_source_of_another_system_is_a_problem(root: Root) -> None:
    assert "this system has no source 'registry'" in root.problem("system", "registry")
