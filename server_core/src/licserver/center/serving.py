# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The running center: HTTPS on one port, until it is told to stop."""

import errno
import logging.config
import signal
import socket
import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette

from licserver.center import CenterError
from licserver.center.app import create_app
from licserver.center.authority import TLS_FILE, tls_is_due
from licserver.center.foundation import open_center
from licserver.center.issuing import Issuer
from licserver.center.passphrase import NO_FILE, Passphrase
from licserver.service.notify import notify

_HTTPS_PORT = 443
_DRAIN_SECONDS = 10
_LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"uvicorn.error": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
_log = logging.getLogger(__name__)


class _Server(uvicorn.Server):
    """Says when it is ready, on the log and to the service manager."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        _log.info("the activation center listens on %s", self._address)
        notify("READY=1")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify("STOPPING=1")
        await super().shutdown(sockets)
        _log.info("the activation center has stopped")


def serve(
    directory: Path,
    host: str,
    port: int | None,
    *,
    proxies: Sequence[str],
    requests_per_minute: int,
    passphrase: Passphrase = NO_FILE,
) -> None:
    """Answer requests until SIGTERM or SIGINT, then let those under way finish.

    :param port: ``None`` for that of the center's address.
    :param proxies: IP addresses or networks that are believed when they say whom they ask for.
    :param requests_per_minute: of one address; 0 for no limit.
    :param passphrase: of the vendor's signing key, which is opened now.
    :raises CenterError: the center is not usable, or the port is not to be had.
    """
    with open_center(directory, passphrase) as center:
        center.authority.vendor.open()
        issuer = Issuer(center.database, center.authority, center.settings.name)
        config = configure(
            create_app(center, issuer, requests_per_minute=requests_per_minute), directory / TLS_FILE, proxies
        )
        if port is None:
            port = urlsplit(center.settings.url).port or _HTTPS_PORT
        with _listen(host, port) as listener:
            logging.config.dictConfig(_LOGGING)
            if tls_is_due(directory, now=int(time.time())):
                _log.warning("the TLS certificate ends soon: run liccenter init again, or give it a new --tls-cert")
            server = _Server(config, _address(listener))
            _stop_on_signals(server)
            server.run([listener])


def configure(app: Starlette, tls_file: Path, proxies: Sequence[str] = ()) -> uvicorn.Config:
    """How the application is served; see :func:`serve`."""
    config = uvicorn.Config(
        app,
        ssl_certfile=tls_file,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    config.load()
    assert config.ssl is not None
    config.ssl.minimum_version = ssl.TLSVersion.TLSv1_2
    return config


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"https://{f'[{host}]' if ':' in host else host}:{port}"


def _stop_on_signals(server: uvicorn.Server) -> None:
    """uvicorn raises the signal that stopped it once more when it is done; this takes that one, so that a stop
    ends with exit code 0, and an early one, before uvicorn listens to signals."""

    def stop(number: int, frame: FrameType | None) -> None:
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family, backlog=256)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CenterError(
                "port_taken",
                f"port {port} of {host} is taken by another program",
                hint="Stop that program, or choose another port with --port",
            ) from error
        raise CenterError(
            "cannot_listen",
            f"the center cannot listen on port {port} of {host}: {error.strerror or error}",
            hint="Choose another --host or --port",
        ) from error
