# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The payload's own tests under Windows Python."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.lab.windows.payload_tests import PROJECT, quick_files, run_tests
from tests.lab.windows.wine import PROGRAMS

MISSING = [program for program in PROGRAMS if shutil.which(program) is None]

pytestmark = [
    pytest.mark.skipif(os.geteuid() != 0, reason="a computer needs namespaces and mounts: root only"),
    pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}; see tests/tools/install_lab_tools"),
    pytest.mark.timeout(1000),
]


def test_the_payloads_own_tests_pass_on_windows_and_what_is_left_out_says_why() -> None:
    files = quick_files()

    report = run_tests(files)

    assert report.failed == [], report.said
    assert report.files == {".".join(file.relative_to(PROJECT).with_suffix("").parts) for file in files}
    assert [reason for reason in report.skipped if not reason.startswith(("Windows: ", "Wine: "))] == []
    assert report.skipped.total() < report.passed / 20
