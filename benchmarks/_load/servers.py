# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The license server and the echo as processes."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from licserver.documents import Counter
from licserver.system import this_system
from server_core.tests.helpers import Vendor
from server_core.tests.processes import ServerProcess, server_process


@contextlib.contextmanager
def echo_server() -> Iterator[tuple[str, int]]:
    """A bare line echo in a process of its own; its address."""
    command = [sys.executable, "-m", "benchmarks._load.echo"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield "127.0.0.1", int(process.stdout.readline())
        finally:
            process.kill()


@contextlib.contextmanager
def license_server(vendor: Vendor, *, keys: int, licenses: int, **ini: object) -> Iterator[ServerProcess]:
    """A license server in a process of its own, not yet started, with keys that all carry the same product."""
    with tempfile.TemporaryDirectory() as folder, server_process(Path(folder), **ini) as server:
        reader = this_system().fact_reader()
        for number in range(keys):
            counter = Counter(name="main", type="session", limit=licenses)
            vendor.install(server.state, reader, f"100-{number:04}", counter)
        yield server


def memory(process: subprocess.Popen[bytes], what: str = "VmRSS") -> float:
    """The memory of a process in MB; `VmHWM` is the most it ever had."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{what}:")) * 1024 / 1e6
