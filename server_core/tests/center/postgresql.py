# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real PostgreSQL server for tests: a cluster of its own in a temporary folder, reached by a socket there."""

import contextlib
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from server_core.tests.running import eventually

_ACCOUNT = "postgres"
"""PostgreSQL does not run as root; Debian's package makes this account."""
_FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
_SECONDS = 60.0


@dataclass
class Cluster:
    """A running server.

    :ivar folder: of its socket.
    """

    folder: Path
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{_ACCOUNT}@/{database}?host={self.folder}"

    def new_database(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return name

    def execute(self, statement: str, database: str = "postgres") -> None:
        """Have a statement carried out, in no transaction."""
        with psycopg.connect(self.address(database), autocommit=True) as connection:
            connection.execute(statement.encode())

    def is_ready(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg.connect(self.address("postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def address(self, database: str) -> str:
        """The same for libpq."""
        return f"host={self.folder} user={_ACCOUNT} dbname={database}"


@contextlib.contextmanager
def running_cluster(settings: tuple[str, ...] = _FAST) -> Iterator[Cluster]:
    """A server that runs until the end of the block.

    :param settings: of PostgreSQL, ``name=value``; those that are the default make it fast and forgetful.
    """
    programs = programs_folder()
    assert programs is not None, "PostgreSQL is not installed; on Debian: apt-get install postgresql"
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder, data = Path(name), Path(name, "data")
        if os.geteuid() == 0:
            shutil.chown(folder, _ACCOUNT)
        options = ("--auth=trust", f"--username={_ACCOUNT}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
        made = [*_unprivileged(), str(programs / "initdb"), f"--pgdata={data}", *options]
        subprocess.run(made, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        words = [f"--{setting}" for setting in ("listen_addresses=", f"unix_socket_directories={folder}", *settings)]
        served = [*_unprivileged(), str(programs / "postgres"), "-D", str(data), *words]
        with (folder / "log").open("wb") as log, subprocess.Popen(served, cwd=folder, stderr=log) as process:
            try:
                running = Cluster(folder)
                eventually(running.is_ready, "PostgreSQL takes connections", _SECONDS)
                yield running
            finally:
                process.send_signal(signal.SIGQUIT)
                process.wait(_SECONDS)


def programs_folder() -> Path | None:
    """Where PostgreSQL's programs lie: Debian keeps those of a server out of the path."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


def _unprivileged() -> list[str]:
    """A program under the account of PostgreSQL, which ends when the tests end, however they do."""
    words = ["setpriv", "--pdeathsig=QUIT"]
    if os.geteuid() != 0:
        return words
    account = pwd.getpwnam(_ACCOUNT)
    return [*words, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
