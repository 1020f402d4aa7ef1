# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a test has to know of the system that it runs on. docs/windows.md, "The payload's own tests"."""

import ctypes
import errno
import os
import sys

import pytest

LINUX_ONLY = {
    "test_linux.py": "what differs on Linux is tested there",
    "service/test_notify.py": "there is no systemd to tell",
    "service/test_journald.py": "there is no journal",
    "service/test_passed_sockets.py": "there is no systemd to pass any",
    "component/test_networks.py": "there are no network namespaces",
    "menu/test_terminal.py": "there is no terminal that a test can be the other end of",
    "cli/test_phone_terminal.py": "there is no terminal that a test can be the other end of",
    "server/test_openapi.py": "what it takes to try out an API is not there; nothing of it differs",
    "web_pages": "there is no browser that a test can drive",
    "keys/test_hardware_key.py": "there is no SoftHSM to test with",
    "server/test_hardware_keys.py": "there is no SoftHSM to test with",
    "faults": "the activation center runs on Linux only",
    "center": "the activation center runs on Linux only",
}
"""Files (one by one, or all of a name) and folders of tests that Windows does not import, and why."""

WINE = sys.platform == "win32" and hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")
IS_A_DIRECTORY = os.strerror(errno.EACCES if sys.platform == "win32" else errno.EISDIR)
"""What is said of a folder that is opened like a file."""


def posix_only(reason: str) -> pytest.MarkDecorator:
    """Leaves a test out on Windows; the reason says what Windows lacks."""
    return pytest.mark.skipif(sys.platform == "win32", reason=f"Windows: {reason}")


def not_under_wine(reason: str) -> pytest.MarkDecorator:
    """Leaves out under Wine a test that Windows itself would pass; the reason says what Wine does otherwise."""
    return pytest.mark.skipif(WINE, reason=f"Wine: {reason}")


mode_bits = posix_only("files have no mode bits; access is that of the folder")
signals = posix_only("a process cannot be asked to end; the service manager stops a server")


def socket_words(number: int) -> str:
    """How this system words an error of a socket, given its number in :mod:`errno`."""
    if sys.platform == "win32":
        words = ctypes.FormatError(number).rstrip(". ")
        return f"Windows Error 0x{number:x}" if words == "<no description>" else words  # Wine has none
    return os.strerror(number)
