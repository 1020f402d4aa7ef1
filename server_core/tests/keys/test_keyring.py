# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keyring: what is attached, and what is wrong with it."""

from pathlib import Path

import msgspec
import pytest

from licserver.keys.keyring import AttachedKey, KeyFolder
from licserver.remarks import Remark
from licserver.system import this_system
from server_core.tests.helpers import Computer, Vendor
from server_core.tests.portable import IS_A_DIRECTORY, mode_bits


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path)


def only(folder: KeyFolder, computer: Computer) -> AttachedKey:
    (attached,) = folder.attached(computer)
    return attached


def test_an_empty_folder_holds_no_keys(folder: KeyFolder, computer: Computer) -> None:
    assert folder.attached(computer) == []
    assert folder.kits() == {}


@mode_bits
def test_folders_are_for_their_owner_only(tmp_path: Path, folder: KeyFolder) -> None:
    assert {entry.name: entry.stat().st_mode & 0o777 for entry in tmp_path.iterdir()} == {
        "softkeys": 0o700,
        "kits": 0o700,
    }


def test_a_key_that_works_is_attached_without_a_problem(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(tmp_path, computer)

    attached = only(folder, computer)

    assert attached.key is not None
    assert attached.problem is None
    assert attached.license == attached.key.license


def test_keys_come_in_the_order_of_their_numbers(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    for number in ("100-0003", "100-0001", "100-0002"):
        vendor.install(tmp_path, computer, number)

    assert [key.key_number for key in folder.attached(computer)] == ["100-0001", "100-0002", "100-0003"]


def test_a_key_of_another_computer_is_listed_with_its_problem(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(tmp_path, computer)
    computer.facts["network"] = "another"

    attached = only(folder, computer)

    assert attached.key is None
    assert attached.license is not None
    assert attached.problem is not None
    assert "the first network card differs" in attached.problem.text
    assert attached.problem.details == {"facts": "network"}


def test_a_key_whose_fact_cannot_be_read_is_listed_with_its_problem(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(tmp_path, computer)
    del computer.facts["disk"]

    assert "the system disk cannot be identified" in str(only(folder, computer).problem)


def test_a_renamed_file_is_no_other_key(tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer) -> None:
    path = vendor.install(tmp_path, computer)
    path.rename(path.with_name("100-0009.dongle"))

    attached = only(folder, computer)

    assert attached.key is None
    assert str(attached.problem) == "the file is named 100-0009.dongle, but holds the key 100-0001"


def test_a_cut_file_does_not_hide_the_others(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    path = vendor.install(tmp_path, computer, "100-0001")
    path.write_bytes(path.read_bytes()[:300] + b"\xff\0")
    vendor.install(tmp_path, computer, "100-0002")

    broken, working = folder.attached(computer)

    assert (broken.key, broken.license) == (None, None)
    assert "it was cut" in str(broken.problem)
    assert working.key is not None


def test_something_that_is_no_file_does_not_hide_the_others(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(tmp_path, computer, "100-0002")
    folder.path("100-0001").mkdir()

    broken, working = folder.attached(computer)

    assert str(broken.problem) == "100-0001.dongle cannot be read: " + IS_A_DIRECTORY
    assert working.key is not None


def test_files_of_other_names_are_no_keys(tmp_path: Path, folder: KeyFolder, computer: Computer) -> None:
    (this_system().key_folder(tmp_path) / "100-0001.dongle.bak").write_text("x")
    (this_system().key_folder(tmp_path) / ".100-0001.dongle.tmp123").write_text("x")

    assert folder.attached(computer) == []


def test_a_kit_that_is_kept_is_found_by_each_of_its_keys(folder: KeyFolder, vendor: Vendor, stranger: Vendor) -> None:
    both = msgspec.structs.replace(vendor.kit, vendor_keys=vendor.kit.vendor_keys + stranger.kit.vendor_keys)

    folder.add_kit(both, msgspec.json.encode(both))

    assert folder.kits() == {vendor.kid: both, stranger.kid: both}


def test_a_kit_that_is_there_already_is_not_written_again(tmp_path: Path, folder: KeyFolder, vendor: Vendor) -> None:
    folder.add_kit(vendor.kit, msgspec.json.encode(vendor.kit))
    before = (tmp_path / "kits" / f"{vendor.kid}.json").stat().st_ino

    folder.add_kit(vendor.kit, msgspec.json.encode(vendor.kit))

    assert (tmp_path / "kits" / f"{vendor.kid}.json").stat().st_ino == before


def test_a_broken_kit_is_passed_over_and_its_keys_say_so(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(tmp_path, computer)
    (tmp_path / "kits" / f"{vendor.kid}.json").write_bytes(b"{")
    (tmp_path / "kits" / "folder.json").mkdir()

    assert folder.kits() == {}
    assert "no vendor's kit here has it" in str(only(folder, computer).problem)


class TestTheNextLook:
    """What was opened at the last look is not opened again, and whatever changed is noticed."""

    @pytest.fixture
    def path(self, tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer) -> Path:
        """The file of a key that was opened."""
        path = vendor.install(tmp_path, computer)
        assert only(folder, computer).key is not None
        return path

    def test_a_key_that_is_the_same_is_not_opened_again(
        self, path: Path, folder: KeyFolder, computer: Computer
    ) -> None:
        assert only(folder, computer).key is only(folder, computer).key

    def test_another_computer_is_noticed(self, path: Path, folder: KeyFolder, computer: Computer) -> None:
        computer.facts["network"] = "another"
        problem = only(folder, computer).problem
        computer.facts["network"] = "first network"

        assert "the first network card differs" in str(problem)
        assert only(folder, computer).key is not None

    def test_an_altered_file_is_noticed(self, path: Path, folder: KeyFolder, computer: Computer) -> None:
        path.write_text(path.read_text(encoding="utf-8").replace("Vendor: V", "Vendor: W"), encoding="utf-8")

        assert "the readable head was altered" in str(only(folder, computer).problem)

    def test_a_new_license_in_the_file_is_noticed(
        self, tmp_path: Path, path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
    ) -> None:
        vendor.install(tmp_path, computer, activation=2)

        license = only(folder, computer).license
        assert license is not None
        assert license.activation == 2

    def test_a_kit_that_is_gone_is_noticed(
        self, tmp_path: Path, path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
    ) -> None:
        (tmp_path / "kits" / f"{vendor.kid}.json").unlink()

        assert "no vendor's kit here has it" in str(only(folder, computer).problem)

    def test_a_key_that_is_gone_is_forgotten(self, path: Path, folder: KeyFolder, computer: Computer) -> None:
        path.unlink()

        assert folder.attached(computer) == []


def test_a_key_that_works_says_what_is_about_to_break_it(
    tmp_path: Path, folder: KeyFolder, vendor: Vendor, computer: Computer
) -> None:
    vendor.install(tmp_path, computer)
    computer.threats["system"] = "another name soon"

    assert only(folder, computer).warnings == (Remark("threat", "another name soon"),)
