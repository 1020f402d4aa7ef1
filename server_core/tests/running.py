# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""License servers that run in a thread, and a client that speaks to them by hand."""

import asyncio
import contextlib
import http.client
import itertools
import json
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from licserver.sealing import X25519PrivateKey, decode_bytes, decode_exchange_public, encode_public, shared_key
from licserver.server.run import LicenseServer
from licserver.settings import Settings, read_settings
from licserver.wire.conversation import ClientConversation, encode
from licserver.wire.messages import (
    AnyAnswer,
    Failed,
    Granted,
    Hello,
    Login,
    Logout,
    Renew,
    Request,
    Welcome,
    access_key,
    access_proof,
    client_proof,
    lease_mac,
)
from server_core.tests.helpers import PRODUCT, holder

DEADLINE_SECONDS = 10.0
PORT, WEB_PORT = 15200, 15201

Result = TypeVar("Result")

_numbers = itertools.count(1)


def eventually(condition: Callable[[], Result], what: str, seconds: float = DEADLINE_SECONDS) -> Result:
    """What ``condition`` returns as soon as that is true; fails when it is not in time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.01)  # asked again until the deadline
    return result


def loopback_address() -> str:
    """An address of this computer that no other test uses, so that every server can have the fixed ports."""
    number = (os.getpid() * 251 + next(_numbers)) % (250 * 250 * 100)
    return f"127.{100 + number // 62500 % 100}.{1 + number // 250 % 250}.{1 + number % 250}"


def free_ports() -> tuple[int, int]:
    """Two ports of 127.0.0.1 that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        return one.getsockname()[1], other.getsockname()[1]


class Client:
    """Speaks the protocol by hand, so that a test can also say what no component would."""

    def __init__(
        self, address: str, port: int = PORT, *, private: X25519PrivateKey | None = None, tls: bool = False
    ) -> None:
        self.private = private or X25519PrivateKey.generate()
        self.sequence = 0
        self.granted: Granted | None = None
        self._conversation = ClientConversation()
        self._answers: list[AnyAnswer] = []
        self.socket = socket.create_connection((address, port), timeout=DEADLINE_SECONDS)
        if tls:
            self.socket = believing_tls().wrap_socket(self.socket)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def next_id(self) -> int:
        return self._conversation.next_id()

    def receive(self) -> AnyAnswer | None:
        """The next answer; ``None`` when the server hung up."""
        while not self._answers:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                return None
            if not data:
                return None
            self._answers += self._conversation.receive(data)
        return self._answers.pop(0)

    def ask(self, request: Request) -> AnyAnswer | None:
        self.socket.sendall(encode(request))
        return self.receive()

    def hello(self) -> Welcome:
        answer = self.ask(Hello(id=self.next_id(), versions=[1]))
        assert isinstance(answer, Welcome)
        self.welcome = answer
        return answer

    def login(self, user: str = "anna", *, product: str = PRODUCT, access_code: str = "", **more: Any) -> AnyAnswer:
        """Log in after a hello; a grant is remembered."""
        login = Login(
            id=self.next_id(),
            product=product,
            nonce="nonce",
            holder=holder(self.private, user),
            client_proof=proof_of(self.private, self.welcome.exchange_public, self.welcome.challenge, "nonce"),
            access_proof=self._proof(access_code, "nonce"),
            **more,
        )
        answer = self.ask(login)
        assert answer is not None
        if isinstance(answer, Granted):
            self.granted = answer
        return answer

    def take(self, user: str = "anna", **more: Any) -> Granted:
        """Hello and a login that must succeed."""
        self.hello()
        answer = self.login(user, **more)
        assert isinstance(answer, Granted), answer
        return answer

    def renew(self, **wrong: Any) -> AnyAnswer | None:
        return self.ask(self._proven(Renew, "renew", wrong))

    def logout(self, **wrong: Any) -> AnyAnswer | None:
        return self.ask(self._proven(Logout, "logout", wrong))

    def _proven(self, kind: Callable[..., Request], verb: str, wrong: Mapping[str, Any]) -> Request:
        assert self.granted is not None
        self.sequence += 1
        fields = {"lease": self.granted.lease, "sequence": self.sequence, **wrong}
        fields.setdefault("mac", lease_mac(self.secret(), verb, fields["lease"], fields["sequence"]))
        return kind(id=self.next_id(), **fields)

    def secret(self) -> bytes:
        assert self.granted is not None
        return lease_secret(self.private, self.granted)

    def _proof(self, access_code: str, nonce: str) -> str:
        if not access_code:
            return ""
        public = encode_public(self.private.public_key())
        return access_proof(access_key(access_code, self.welcome.server_id), self.welcome.challenge, nonce, public)


def believing_tls() -> ssl.SSLContext:
    """TLS that believes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def proof_of(private: X25519PrivateKey, exchange_public: str, challenge: str, nonce: str) -> str:
    """What a client says in a login to prove that it has its private key."""
    public = decode_exchange_public(exchange_public)
    return client_proof(shared_key(private, public, salt=challenge.encode(), purpose="protect login"), nonce)


def lease_secret(private: X25519PrivateKey, granted: Granted) -> bytes:
    """What a client and its server share for one lease."""
    certificate = json.loads(decode_bytes(granted.certificate.split(".")[1]))
    public = decode_exchange_public(certificate["exchange_public"])
    return shared_key(private, public, salt=granted.lease.encode(), purpose="protect lease")


def refusal(answer: AnyAnswer | None) -> str:
    """The code of an answer that must be a refusal."""
    assert isinstance(answer, Failed), answer
    return answer.code


def write_ini(path: Path, address: str, **more: object) -> Path:
    """The ini of a server on one loopback address."""
    values = {"port": PORT, "WebPort": WEB_PORT, "Local": 1, "BindAddress": address} | more
    path.write_text("".join(f"{key}={value}\n" for key, value in values.items()), encoding="utf-8")
    return path


class ServerThread:
    """A license server in a thread of the test, on an address of its own."""

    def __init__(self, folder: Path, **ini: object) -> None:
        self.address = loopback_address()
        self.state = folder / "state"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.ini = write_ini(folder / "licserver.ini", self.address, **ini)
        self.settings: Settings = read_settings(self.ini)
        self._thread: threading.Thread | None = None

    def start(self) -> "ServerThread":
        """Start; raises what kept the server from starting."""
        self._failure: BaseException | None = None
        self.alive_at: list[float] = []
        self.tidied_at: list[float] = []
        self._changed = threading.Event()
        self._leaving = False
        self.server = LicenseServer(self.ini, self.state)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._changed.wait(DEADLINE_SECONDS), "the server did not start in time"
        if self._failure is not None:
            self._thread.join()
            raise self._failure
        return self

    def leave(self) -> None:
        """Ask the server to stop, if it runs, or between two of its runs."""
        self._leaving = True
        if self._thread is not None and self._thread.is_alive():
            with contextlib.suppress(RuntimeError):  # it has ended by itself a moment ago
                self._loop.call_soon_threadsafe(self._stop.set)

    def stop(self) -> None:
        """Stop in good order, if it runs."""
        self.leave()
        if self._thread is not None:
            self._thread.join(DEADLINE_SECONDS)
            assert not self._thread.is_alive(), "the server did not stop in time"

    def failed(self) -> BaseException | None:
        """What ended the server by itself."""
        assert self._thread is not None
        self._thread.join(DEADLINE_SECONDS)
        assert not self._thread.is_alive(), "the server did not end in time"
        return self._failure

    def restart(self) -> None:
        self.stop()
        self.start()

    def call(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """The result of a coroutine in the server's own loop."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(DEADLINE_SECONDS)

    def client(self, **options: Any) -> Client:
        return Client(self.address, self.settings.port, tls=self.settings.tls, **options)

    def http(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Status and body (decoded if it is JSON) of a request to the web port."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            headers = {"Content-Type": "application/json", **headers}
        return http_request(self.address, method, path, data, headers, tls=self.settings.tls)

    @property
    def token(self) -> str:
        return str(json.loads((self.state / "control.json").read_bytes())["token"])

    def stop_on_request(self, stop: asyncio.Event) -> None:
        """The server's host is this thread: see ServiceHost."""
        self._stop = stop
        if self._leaving:
            stop.set()

    def reload_on_request(self, reload: Callable[[], None]) -> None:
        """See ServiceHost."""

    def passed_sockets(self) -> list[socket.socket]:
        """See ServiceHost."""
        return []

    def alive(self) -> None:
        """See ServiceHost."""
        self.alive_at.append(time.monotonic())

    def tidy_up(self) -> None:
        """See ServiceHost."""
        self.tidied_at.append(time.monotonic())

    def ready(self) -> None:
        """See ServiceHost."""
        self._changed.set()

    def stopping(self) -> None:
        """See ServiceHost."""

    def restarting(self) -> None:
        """See ServiceHost."""

    def _run(self) -> None:
        try:
            while asyncio.run(self._serve()):
                self.server.close()
                self.server = LicenseServer(self.ini, self.state)
        except BaseException as error:
            self._failure = error
        finally:
            self.server.close()
            self._changed.set()

    async def _serve(self) -> bool:
        self._loop = asyncio.get_running_loop()
        return await self.server.run(self)


def web_answers(address: str, *, tls: bool = False) -> bool:
    """Whether a server's web port answers."""
    try:
        return http_request(address, "GET", "/healthz", tls=tls) == (200, "ok\n")
    except OSError:
        return False


def http_request(
    address: str,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    *,
    tls: bool = False,
) -> tuple[int, Any]:
    """Status and body (decoded if it is JSON) of one HTTP request."""
    connection = (
        http.client.HTTPSConnection(address, WEB_PORT, timeout=DEADLINE_SECONDS, context=believing_tls())
        if tls
        else http.client.HTTPConnection(address, WEB_PORT, timeout=DEADLINE_SECONDS)
    )
    with contextlib.closing(connection):
        connection.request(method, path, body, dict(headers or {}))
        response = connection.getresponse()
        text = response.read().decode()
        is_json = (response.getheader("content-type") or "").startswith("application/json")
        return response.status, json.loads(text) if is_json else text
