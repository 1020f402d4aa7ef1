# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a server that does not run."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from licserver.events import Selection
from licserver.events.stored import StoredEventsError, stored_history
from server_core.tests.events.helpers import ledger, small_files, write


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    small_files(monkeypatch)
    monkeypatch.setattr("licserver.events.stored.LOCK_SECONDS", 0.05)


def users(state: Path, after: int = 0) -> list[str]:
    return [event["user"] for event in stored_history(state, after).select(Selection(after=after))]


def test_after_a_stop_everything_is_there(tmp_path: Path) -> None:
    with ledger(tmp_path) as opened:
        write(opened, "abcdefghijk")

    assert users(tmp_path) == list("abcdefghijk")
    assert users(tmp_path, after=9) == list("jk")
    assert stored_history(tmp_path).verify().problems == []


def test_after_a_crash_everything_is_there(tmp_path: Path) -> None:
    program = """
        import os, signal, sys
        from pathlib import Path
        from licserver.seats.ledger import Ledger
        from server_core.tests.events.helpers import write
        opened = Ledger(Path(sys.argv[1]) / "leases.sqlite")
        write(opened, "abc")
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))  # on Windows this ends it at once
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        check=False,
    )

    assert done.returncode in (-9, signal.SIGTERM)
    assert users(tmp_path) == list("abc")
    with ledger(tmp_path) as opened:  # reading them took nothing from the server that starts now
        assert opened.history().verify().problems == []


def test_while_a_server_has_it_open_it_is_not_read(tmp_path: Path) -> None:
    with ledger(tmp_path), pytest.raises(StoredEventsError, match="locked") as error:
        stored_history(tmp_path)

    assert "A server has them open" in error.value.hint


def test_where_no_server_ran_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(StoredEventsError, match="no server has run here yet"):
        stored_history(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_another_file_in_its_place_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "leases.sqlite").write_bytes(b"this is no database" * 100)

    with pytest.raises(StoredEventsError, match=r"leases\.sqlite cannot be read: file is not a database"):
        stored_history(tmp_path)
