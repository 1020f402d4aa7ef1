# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is taken away as a file: the support bundle, in which nothing is secret, and the distribution."""

import contextlib
import http.client
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from licserver.distribution import DistributionError, save
from licserver.ini_text import seal_credential
from server_core.tests.helpers import KEY, Computer, Vendor
from server_core.tests.running import DEADLINE_SECONDS, WEB_PORT, ServerThread, eventually
from server_core.tests.server.helpers import bearer

MARK = "Ki9-marked-secret"


def download(server: ServerThread, path: str) -> tuple[http.client.HTTPResponse, bytes]:
    with contextlib.closing(
        http.client.HTTPConnection(server.address, WEB_PORT, timeout=DEADLINE_SECONDS)
    ) as connection:
        connection.request("GET", f"/api/v1{path}", headers=bearer(server))
        response = connection.getresponse()
        return response, response.read()


class TestBundle:
    @pytest.fixture
    def files(
        self, make_server: Callable[..., ServerThread], vendor: Vendor, computer: Computer
    ) -> tuple[ServerThread, dict[str, bytes]]:
        server = make_server(user=seal_credential(MARK), password=seal_credential(MARK))
        vendor.install(server.state, computer)
        server.start()
        for path, body in (
            (f"/api/v1/keys/{KEY}", {"access_code": MARK}),
            ("/api/v1/settings", {"user": MARK, "password": MARK, "idle_minutes": 7}),
        ):
            assert server.http("PATCH", path, body, **bearer(server))[0] == 200
        server.http("POST", "/api/v1/tokens", {"name": "a", "scope": "read"}, **bearer(server))
        response, content = download(server, "/support-bundle")
        assert (response.status, response.getheader("content-type")) == (200, "application/zip")
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            return server, {name.partition("/")[2]: bundle.read(name) for name in bundle.namelist()}

    def test_it_says_what_support_asks_for(self, files: tuple[ServerThread, dict[str, bytes]]) -> None:
        _, found = files
        server, names = json.loads(found["server.json"]), {one["name"] for one in json.loads(found["files.json"])}

        assert server["settings"]["settings"]["idle_minutes"] == 7
        assert server["keys"][0]["key_number"] == KEY
        assert "key_changed" in {event["kind"] for event in json.loads(found["events.json"])}
        assert {"keys.json", "tokens.json"} <= names
        assert json.loads(found["system.json"])["libraries"]["starlette"]
        assert b"licserver_" in found["metrics.txt"] or b"# HELP" in found["metrics.txt"]

    def test_nothing_in_it_is_secret(self, files: tuple[ServerThread, dict[str, bytes]]) -> None:
        server, found = files
        kept = [server.ini, server.state / "keys.json", server.state / "tokens.json", server.state / "control.json"]
        secrets = {MARK, server.token} | {
            word for path in kept for word in path.read_text().replace("=", '"').split('"') if len(word) > 30
        }

        assert len(secrets) >= 6
        assert [(name, word) for name, data in found.items() for word in secrets if word.encode() in data] == []

    def test_it_is_made_also_of_a_server_whose_ini_is_wrong_by_now(self, server: ServerThread) -> None:
        server.ini.write_text("port=x\n")
        _, content = download(server, "/support-bundle")

        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            assert "port=x" in json.loads(bundle.read("licserver-support/server.json"))["settings"]["problem"]


class TestDistribution:
    def test_it_comes_as_a_file_and_nothing_is_left_behind(
        self, server: ServerThread, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        monkeypatch.setattr(tempfile, "tempdir", str(scratch))
        monkeypatch.setattr(save, "save", lambda path: path.write_bytes(b"archive"))

        response, content = download(server, "/distribution")

        assert (response.status, content) == (200, b"archive")
        assert "attachment; filename=" in (response.getheader("content-disposition") or "")
        eventually(lambda: not list(scratch.iterdir()), "the scratch folder is removed")

    def test_what_is_no_release_is_one_clear_refusal(
        self, server: ServerThread, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(path: Path) -> None:
            raise DistributionError("not_a_release", "this release has no pip", hint="Install it anew")

        monkeypatch.setattr(save, "save", refuse)
        response, content = download(server, "/distribution")

        assert (response.status, json.loads(content)["error"]["code"]) == (409, "not_a_release")

    @pytest.mark.parametrize("path", ["/distribution", "/support-bundle"])
    def test_nobody_takes_it_without_credentials(self, server: ServerThread, path: str) -> None:
        assert server.http("GET", f"/api/v1{path}")[0] == 401
