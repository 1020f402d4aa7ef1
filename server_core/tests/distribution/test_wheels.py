# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wheels made again from what is installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from licserver.distribution import DistributionError
from licserver.distribution.wheels import pack_wheels
from server_core.tests.distribution.helpers import install_by_hand


def test_a_wheel_holds_what_the_wheel_held_and_nothing_that_its_installer_added(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "greeting")

    (wheel,) = pack_wheels([tmp_path / "site"], tmp_path)

    assert wheel.name == "greeting-1.0-py2.py3-none-any.whl"
    with zipfile.ZipFile(wheel) as packed:
        notes = {f"greeting-1.0.dist-info/{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
        assert set(packed.namelist()) == {"greeting.py", *notes}


def test_an_installer_accepts_it_and_makes_its_script_anew(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "greeting")
    wheels = pack_wheels([tmp_path / "site"], tmp_path)

    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--target", tmp_path / "installed"]
    subprocess.run([*pip, *wheels], check=True, capture_output=True)

    assert (tmp_path / "installed" / "greeting.py").read_text(encoding="utf-8") == "print('здравствуй')\n"
    assert len(list((tmp_path / "installed" / "bin").iterdir())) == 1


def test_the_same_release_gives_the_same_bytes(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "greeting")
    contents = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        contents.append(pack_wheels([tmp_path / "site"], tmp_path / name)[0].read_bytes())

    assert contents[0] == contents[1]


def test_a_library_is_packed_once_though_its_folder_is_named_twice(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "greeting")

    assert len(pack_wheels([tmp_path / "site", tmp_path / "site"], tmp_path)) == 1


def test_a_checkout_of_a_developer_is_refused(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "greeting", direct_url='{"dir_info": {"editable": true}, "url": "file:///x"}')

    with pytest.raises(DistributionError, match="greeting was not installed from a wheel"):
        pack_wheels([tmp_path / "site"], tmp_path)


def test_a_library_without_some_of_its_files_is_refused(tmp_path: Path) -> None:
    install_by_hand(tmp_path / "site", "greeting")
    (tmp_path / "site" / "greeting.py").unlink()

    with pytest.raises(DistributionError, match=r"greeting is not whole.*greeting\.py"):
        pack_wheels([tmp_path / "site"], tmp_path)


def test_what_no_wheel_left_is_refused(tmp_path: Path) -> None:
    (install_by_hand(tmp_path / "site", "greeting") / "RECORD").unlink()

    with pytest.raises(DistributionError, match="was not installed from a wheel"):
        pack_wheels([tmp_path / "site"], tmp_path)
