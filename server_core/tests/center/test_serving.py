# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A center that really runs: its own process, its own certificate, HTTPS on a loopback port."""

import json
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from licserver.center.app import ACTIVATIONS_PATH
from licserver.cli.liccenter import main
from licserver.documents import License, open_sealed, signer_id
from licserver.kit import Kit, read_kit
from server_core.tests.center.helpers import KEY, PINS, make_request
from server_core.tests.center.running import DEADLINE, serving, strict_context

CATALOG = {
    "products": [{"product": "retail", "name": "R", "counters": [{"name": "main", "type": "session", "limit": 5}]}],
    "keys": [{"key_number": KEY, "product": "retail", "pins": list(PINS)}],
}


@pytest.fixture
def directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    directory = tmp_path / "center"
    catalog = tmp_path / "catalog.json"
    catalog.write_text(json.dumps(CATALOG))
    assert main(["--dir", str(directory), "init", "--name", "Vendor", "--url", "https://127.0.0.1:15443"]) == 0
    assert main(["--dir", str(directory), "apply", "--catalog", str(catalog)]) == 0
    capsys.readouterr()
    return directory


@pytest.fixture
def kit(directory: Path, capsys: pytest.CaptureFixture[str]) -> Kit:
    assert main(["--dir", str(directory), "kit"]) == 0
    return read_kit(capsys.readouterr().out)


def test_a_key_is_activated_over_https_and_survives_a_restart(directory: Path, kit: Kit) -> None:
    request = make_request(kit.exchange_public(), PINS[0])
    answers = []
    for _ in range(2):
        with serving(directory) as center:
            url = center.url()
            with httpx.Client(verify=strict_context(kit)) as client:
                answers.append(client.post(url + ACTIVATIONS_PATH, content=request).raise_for_status().text)
            assert center.stop() == 0

    license = open_sealed(answers[0], License, kit.vendor_public(signer_id(answers[0], License)))
    assert (license.key_number, license.vendor, license.activation) == (KEY, "Vendor", 1)
    assert answers[0] == answers[1]


def test_the_log_tells_what_happened_without_secrets(directory: Path, kit: Kit) -> None:
    with serving(directory) as center:
        url = center.url()
        with httpx.Client(verify=strict_context(kit)) as client:
            client.post(url + ACTIVATIONS_PATH, content=make_request(kit.exchange_public(), "0000-0000"))
            client.post(url + ACTIVATIONS_PATH, content=make_request(kit.exchange_public(), PINS[0]))
        center.wait_for(f"(key {KEY}: refused, wrong_pin)")
        center.wait_for(f"(key {KEY}: activation 1)")
        center.stop()
        center.wait_for("(the activation center has stopped)")

    assert not [pin for pin in (*PINS, "0000-0000") if pin in "".join(center.log)]


def connect(port: int, kit: Kit, version: ssl.TLSVersion) -> str | None:
    context = strict_context(kit)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    with (
        socket.create_connection(("127.0.0.1", port), DEADLINE) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        return secure.version()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
def test_old_tls_is_refused(directory: Path, kit: Kit) -> None:
    with serving(directory) as center:
        port = urlsplit(center.url()).port or 0

        assert connect(port, kit, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
        assert connect(port, kit, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            connect(port, kit, ssl.TLSVersion.TLSv1_1)


def test_the_service_manager_is_told(directory: Path, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(DEADLINE)
        environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with serving(directory, environment=environment) as center:
            assert manager.recv(100) == b"READY=1"
            assert center.stop() == 0
            assert manager.recv(100) == b"STOPPING=1"


def test_a_taken_port_is_one_message(directory: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        code = main(["--dir", str(directory), "--json", "serve", "--host", "127.0.0.1", "--port", str(port)])

    assert code == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "port_taken"
    assert str(port) in error["message"]


@pytest.mark.parametrize("host", ["203.0.113.1", "no-such-host.invalid"])
def test_an_address_of_another_computer_is_one_message(
    directory: Path, capsys: pytest.CaptureFixture[str], host: str
) -> None:
    assert main(["--dir", str(directory), "--json", "serve", "--host", host, "--port", "0"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "cannot_listen"


@pytest.mark.parametrize(("words", "statuses"), [(["--proxy", "127.0.0.1"], [400, 400]), ([], [400, 429])])
def test_only_a_proxy_that_was_named_is_believed_whom_it_asks_for(
    directory: Path, kit: Kit, words: list[str], statuses: list[int]
) -> None:
    with serving(directory, "--requests-per-minute", "1", *words) as center:
        url = center.url()
        with httpx.Client(verify=strict_context(kit)) as client:
            answers = [
                client.post(url + ACTIVATIONS_PATH, content=b"x", headers={"X-Forwarded-For": f"192.0.2.{number}"})
                for number in (1, 2)
            ]

    assert [answer.status_code for answer in answers] == statuses


@pytest.mark.parametrize("proxy", ["*", "proxy.example.org", "192.0.2.1/24"])
def test_a_proxy_is_named_by_its_address(directory: Path, capsys: pytest.CaptureFixture[str], proxy: str) -> None:
    assert main(["--dir", str(directory), "--json", "serve", "--proxy", proxy]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"
