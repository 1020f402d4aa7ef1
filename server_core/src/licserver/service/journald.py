# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of a service that systemd runs: entries of the journal with fields, by its native protocol.

https://systemd.io/JOURNAL_NATIVE_PROTOCOL. A record may carry ``fields`` (``extra={"fields": {"lease": …}}``): the
journal gets them in capitals, and a text log, which has them in its message, does without.
"""

import logging
import os
import socket
import struct
import sys
from pathlib import Path

JOURNAL = Path("/run/systemd/journal/socket")
_MOST_CHARS = 32 * 1024
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG_PRIORITY = 7
_OWN_NAMES = frozenset({"message", "priority", "logger"})


def log_handler() -> logging.Handler:
    """Writes into the journal where standard error leads there, otherwise text to standard error."""
    if JOURNAL.exists() and _leads_to_journal(sys.stderr.fileno()):
        return JournalHandler(JOURNAL)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
    return handler


class JournalHandler(logging.Handler):
    """Entries of the systemd journal. When it does not keep up, entries are lost: nobody waits for a log."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        assert sys.platform != "win32"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._path = str(path)
        self.setFormatter(logging.Formatter("%(message)s"))  # the rest has fields of its own

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        try:
            self._socket.sendto(_entry(record, self.format(record)), self._path)
        except OSError:
            pass
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Called by logging."""
        self._socket.close()
        super().close()


def _entry(record: logging.LogRecord, message: str) -> bytes:
    fields = {
        "MESSAGE": message,
        "PRIORITY": next((number for level, number in _PRIORITIES if record.levelno >= level), _DEBUG_PRIORITY),
        "SYSLOG_IDENTIFIER": "licserver",
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": record.lineno,
        "CODE_FUNC": record.funcName,
    }
    given: dict[str, object] = getattr(record, "fields", {})
    fields |= {name.upper(): value for name, value in given.items() if value is not None and name not in _OWN_NAMES}
    return b"".join(_field(name, str(value)[:_MOST_CHARS]) for name, value in fields.items())


def _field(name: str, value: str) -> bytes:
    encoded = value.encode("utf-8", "backslashreplace")
    if b"\n" in encoded:
        return name.encode() + b"\n" + struct.pack("<Q", len(encoded)) + encoded + b"\n"
    return name.encode() + b"=" + encoded + b"\n"


def _leads_to_journal(descriptor: int) -> bool:
    """What sd-daemon(3) and systemd.exec(5) say of ``JOURNAL_STREAM``: device and inode of the stream."""
    found = os.fstat(descriptor)
    return os.environ.get("JOURNAL_STREAM") == f"{found.st_dev}:{found.st_ino}"
