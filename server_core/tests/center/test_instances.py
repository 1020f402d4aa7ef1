# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two centers of one vendor over one PostgreSQL: whatever comes between, a PIN is spent once."""

import shutil
import socket
import ssl
import threading
import time
from collections import Counter as Tally
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from licserver.center import registry
from licserver.center.app import ACTIVATIONS_PATH
from licserver.center.catalog import Catalog, CatalogKey, apply_catalog
from licserver.center.database import DatabaseError
from licserver.center.foundation import Center, initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.settings import Settings
from server_core.tests.center.helpers import ACT, RETAIL, SERVER, URL, make_request
from server_core.tests.center.postgresql import Cluster
from server_core.tests.center.running import DEADLINE, Running, serving, strict_context

CLIENTS = 50
PIN = "1111-1111"
_ABORT = b"\1\0\0\0\0\0\0\0"
"""For SO_LINGER: the connection is torn down, not ended."""


@dataclass
class Pair:
    """Two running instances, and a look into their database."""

    instances: tuple[Running, Running]
    urls: tuple[str, str]
    inside: Center
    context: ssl.SSLContext

    def request(self, key_number: str) -> str:
        return make_request(self.inside.authority.exchange.public_key(), PIN, key_number=key_number)

    def send(self, request: str, instance: int) -> httpx.Response:
        """The answer of one of the instances, on a connection of its own."""
        with httpx.Client(verify=self.context, timeout=DEADLINE) as client:
            return client.post(self.urls[instance % 2] + ACTIVATIONS_PATH, content=request)

    def send_all(self, requests: list[str]) -> list[httpx.Response]:
        """All of them at once, to both instances in turn."""
        with ThreadPoolExecutor(len(requests)) as pool:
            return list(pool.map(self.send, requests, range(len(requests))))

    def hang_up(self, request: str, instance: int, *, after: int) -> None:
        """Send a request, and tear the connection down after so many bytes of the answer."""
        place = urlsplit(self.urls[instance % 2])
        head = f"POST {ACTIVATIONS_PATH} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {len(request)}\r\n\r\n"
        with (
            socket.create_connection((place.hostname or "", place.port or 0), DEADLINE) as plain,
            self.context.wrap_socket(plain, server_hostname=place.hostname) as line,
        ):
            line.sendall((head + request).encode())
            while after > 0:
                after -= len(line.recv(after))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)

    def activations(self, key_number: str) -> int:
        with self.inside.database.reading() as connection:
            return len(registry.key_activations(connection, key_number))


@pytest.fixture(scope="module")
def directories(
    postgresql: Cluster, shared_database: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """One center in two places: the second one was given the secrets of the first."""
    first, second = (tmp_path_factory.mktemp("center") / "center" for _ in range(2))
    settings = Settings(name="Vendor", url=URL, database=postgresql.url(shared_database))
    initialize(first, settings, None, now=int(time.time()))
    shutil.copytree(first, second)
    return first, second


@pytest.fixture(scope="module")
def pair(directories: tuple[Path, Path]) -> Iterator[Pair]:
    with open_center(directories[0]) as inside, ExitStack() as stack:
        first, second = (stack.enter_context(serving(directory)) for directory in directories)
        context = strict_context(inside.authority.kit(inside.settings))
        yield Pair((first, second), (first.url(), second.url()), inside, context)


_numbers = count(1)


@pytest.fixture
def key(pair: Pair) -> str:
    """The number of a key with one PIN."""
    return sell(pair.inside, 1)[0]


def sell(center: Center, keys: int) -> list[str]:
    """The numbers of new keys, each with the same PIN."""
    numbers = [f"500-{next(_numbers):04}" for _ in range(keys)]
    sold = tuple(CatalogKey(key_number=number, product="retail", pins=(PIN,)) for number in numbers)
    with center.database.writing() as connection:
        apply_catalog(connection, Catalog(products=(RETAIL,), keys=sold), pepper=center.authority.pepper, act=ACT)
    return numbers


def test_fifty_clients_of_two_instances_spend_one_pin_once(pair: Pair, key: str) -> None:
    answers = pair.send_all([pair.request(key) for _ in range(CLIENTS)])

    codes = Tally(answer.json()["error"]["code"] if answer.is_error else "license" for answer in answers)
    assert codes == {"license": 1, "pins_exhausted": CLIENTS - 1}
    assert pair.activations(key) == 1


def test_one_request_sent_fifty_times_to_two_instances_gets_one_answer(pair: Pair, key: str) -> None:
    answers = pair.send_all([pair.request(key)] * CLIENTS)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert pair.activations(key) == 1


def test_wherever_an_answer_is_cut_the_other_instance_gives_the_same_again(pair: Pair) -> None:
    for after in (0, 1, 17, 200, 1000):
        (key,) = sell(pair.inside, 1)
        request = pair.request(key)

        pair.hang_up(request, after, after=after)

        answers = [pair.send(request, after + 1), pair.send(request, after)]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert answers[0].text == answers[1].text
        assert pair.activations(key) == 1


def test_an_instance_that_is_killed_at_work_leaves_every_pin_spent_once(
    pair: Pair, directories: tuple[Path, Path]
) -> None:
    requests = [pair.request(key) for key in sell(pair.inside, 20)]
    with serving(directories[1]) as third:
        doomed = Pair((third, third), (third.url(),) * 2, pair.inside, pair.context)

        def attempt(request: str) -> str | None:
            with suppress(httpx.TransportError):
                return doomed.send(request, 0).text
            return None

        with ThreadPoolExecutor(len(requests)) as pool:
            heard = [pool.submit(attempt, request) for request in requests]
            next(one for one in heard if one.result())  # some are answered, others are under way
            third.process.kill()

    answers = pair.send_all(requests)
    assert {answer.status_code for answer in answers} == {200}
    assert all(one.result() in (None, answer.text) for one, answer in zip(heard, answers, strict=True))


def test_connections_to_the_database_that_break_cost_no_pin(
    pair: Pair, postgresql: Cluster, shared_database: str
) -> None:
    numbers = sell(pair.inside, 20)
    requests = [pair.request(number) for number in numbers]
    issuer = Issuer(pair.inside.database, pair.inside.authority, "Vendor")
    done = threading.Event()

    def cut() -> None:
        backends = f"FROM pg_stat_activity WHERE datname = '{shared_database}' AND pid <> pg_backend_pid()"
        while not done.wait(0.02):
            postgresql.execute(f"SELECT pg_terminate_backend(pid) {backends}", shared_database)

    def persist(request: str) -> str:
        for _ in range(1000):
            with suppress(DatabaseError):
                return issuer.answer(request, SERVER)
        raise AssertionError("no answer in a thousand attempts")

    with ThreadPoolExecutor(8) as pool:
        cutting = pool.submit(cut)
        answers = list(pool.map(persist, requests))
        done.set()
        cutting.result()

    again = pair.send_all(requests)
    assert [answer.text for answer in again] == answers
    assert {pair.activations(number) for number in numbers} == {1}
