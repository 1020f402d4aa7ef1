# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The license server as a Windows service: what its service manager starts. docs/specification.md, section 3.

The service is registered with ``"…\\python.exe" -m licserver.service.windows --ini … --state …`` as its command. It is
reported as running when its ports answer, writes a log file beside its state, and what an administrator must know into
the event log of Windows.
"""

import argparse
import asyncio
import contextlib
import logging
import logging.handlers
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import servicemanager
import win32service
import win32serviceutil

from licserver.errors import LicensingError
from licserver.server.run import run_server
from licserver.service.garbage import GarbageCollection
from licserver.service.names import DESCRIPTION, NAME
from licserver.system import this_system

assert sys.platform == "win32"

LOG_BYTES = 5 * 1024 * 1024
LOG_FILES = 5
_SERVICE_SPECIFIC_ERROR = 1066
_FAILED = 1

_log = logging.getLogger(__name__)


class EventLog(logging.Handler):
    """Warnings and errors as entries of the Windows event log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        write = servicemanager.LogErrorMsg if record.levelno >= logging.ERROR else servicemanager.LogWarningMsg
        write(self.format(record))


class LicServerService(win32serviceutil.ServiceFramework):
    """The service; at the same time the :class:`licserver.service.ServiceHost` of the server in it."""

    _svc_name_ = NAME
    _svc_display_name_ = NAME
    _svc_description_ = DESCRIPTION
    _is_stopping = False
    _garbage = GarbageCollection()

    def SvcRun(self) -> None:  # noqa: N802 - named by pywin32
        """Called by the service manager: serve until stopped."""
        options = _options()
        try:
            this_system().make_private(options.state)
            _log_to(options.state)
            run_server(options.ini, options.state, self)
        except (LicensingError, OSError) as error:
            _log.error("%s", error)
            self._report_failure()
        except Exception:
            _log.exception("the license server failed")
            self._report_failure()
        else:
            self.ReportServiceStatus(win32service.SERVICE_STOPPED)

    def SvcStop(self) -> None:  # noqa: N802 - named by pywin32
        """Called by the service manager, in a thread of its own."""
        self.ReportServiceStatus(win32service.SERVICE_STOP_PENDING)
        self._is_stopping = True
        with contextlib.suppress(RuntimeError):  # between two runs; the next one sees that it is to stop
            self._loop.call_soon_threadsafe(self._stop.set)

    def stop_on_request(self, stop: asyncio.Event) -> None:
        """See :class:`licserver.service.ServiceHost`."""
        self._loop, self._stop = asyncio.get_running_loop(), stop
        if self._is_stopping:
            stop.set()

    def reload_on_request(self, reload: Callable[[], None]) -> None:
        """See :class:`licserver.service.ServiceHost`. The command line does it: ``licctl reload``."""

    def passed_sockets(self) -> list[socket.socket]:
        """See :class:`licserver.service.ServiceHost`. Windows passes none."""
        return []

    def alive(self) -> None:
        """See :class:`licserver.service.ServiceHost`. Windows does not ask."""

    def tidy_up(self) -> None:
        """See :class:`licserver.service.ServiceHost`."""
        self._garbage.look()

    def ready(self) -> None:
        """See :class:`licserver.service.ServiceHost`."""
        if not self._is_stopping:
            self.ReportServiceStatus(win32service.SERVICE_RUNNING)
        servicemanager.LogInfoMsg(f"{NAME} serves")
        self._garbage.server_is_ready()

    def stopping(self) -> None:
        """See :class:`licserver.service.ServiceHost`."""
        servicemanager.LogInfoMsg(f"{NAME} stops")

    def restarting(self) -> None:
        """See :class:`licserver.service.ServiceHost`. To Windows the service goes on."""
        servicemanager.LogInfoMsg(f"{NAME} begins anew")
        self._garbage.server_begins_anew()

    def _report_failure(self) -> None:
        self.ReportServiceStatus(
            win32service.SERVICE_STOPPED, win32ExitCode=_SERVICE_SPECIFIC_ERROR, svcExitCode=_FAILED
        )


def main() -> None:
    """Hand this process over to the service manager that started it."""
    servicemanager.Initialize(NAME, None)
    servicemanager.PrepareToHostSingle(LicServerService)
    servicemanager.StartServiceCtrlDispatcher()  # type: ignore[no-untyped-call] # the stubs say nothing of it


def _log_to(state: Path) -> None:
    folder = state / "log"
    folder.mkdir(exist_ok=True)
    file = logging.handlers.RotatingFileHandler(
        folder / "licserver.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8"
    )
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    events = EventLog(logging.WARNING)
    logging.basicConfig(level=logging.INFO, handlers=[file, events])
    for chatty in ("httpx", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="licserver service")
    parser.add_argument("--ini", type=Path, default=this_system().ini_path)
    parser.add_argument("--state", type=Path, default=this_system().state_path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
