# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`liccenter staff`."""

import io
import json
import sys
from typing import Any

import pytest

from licserver.center.staff import is_password, open_session, sealed_password, signed_in
from licserver.cli.liccenter import main
from server_core.tests.center.helpers import NOW, Office

PASSWORD = "correct horse battery"


@pytest.fixture
def database_url(each_database: str | None) -> str | None:
    return each_database


@pytest.fixture
def command(office: Office, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: str, password: str = "") -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        main(["--dir", str(office.directory), "--json", "staff", *words])
        return json.loads(capsys.readouterr().out)

    return run


def test_staff_are_added_listed_and_removed(command: Any) -> None:
    command("add", "anna", "--role", "vendor", password=PASSWORD)
    command("add", "boris", "--role", "desk", password=PASSWORD)
    assert command("list") == {"staff": [{"name": "anna", "role": "vendor"}, {"name": "boris", "role": "desk"}]}

    assert command("remove", "anna") == {"name": "anna", "changed": True}
    assert command("remove", "anna") == {"name": "anna", "changed": False}

    assert command("list") == {"staff": [{"name": "boris", "role": "desk"}]}


def test_another_password_ends_what_was_opened_with_the_old_one(command: Any, office: Office) -> None:
    command("add", "anna", "--role", "desk", password=PASSWORD)
    with office.center.database.writing() as connection:
        open_session(connection, "anna", "digest", now=NOW, seconds=60)
        assert signed_in(connection, "digest", now=NOW + 59) is not None
        assert signed_in(connection, "digest", now=NOW + 60) is None

    assert command("add", "anna", "--role", "vendor", password="another password")["added"] is False

    with office.center.database.reading() as connection:
        assert signed_in(connection, "digest", now=NOW) is None
        assert is_password(sealed_password(connection, "anna"), "another password")


@pytest.mark.parametrize(
    ("name", "password", "code"), [("anna", "short", "bad_password"), ("a b", PASSWORD, "bad_name")]
)
def test_what_cannot_be_a_name_or_a_password(command: Any, name: str, password: str, code: str) -> None:
    assert command("add", name, "--role", "desk", password=password)["error"]["code"] == code
    assert command("list") == {"staff": []}


def test_nobodys_password_fits_nobody(office: Office) -> None:
    with office.center.database.reading() as connection:
        assert not is_password(sealed_password(connection, "nobody"), "nobody's password")
