# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator sets for a key."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.kept_file import LostError
from licserver.keys import KeyFileError
from licserver.keys.options import KeyOptions, OptionsFile
from licserver.wire.messages import access_key
from server_core.tests.portable import mode_bits

CODED = KeyOptions().with_access_code("открой", "s")


@pytest.fixture
def file(tmp_path: Path) -> OptionsFile:
    return OptionsFile(tmp_path / "keys.json")


def test_without_options_a_key_serves_everybody() -> None:
    assert KeyOptions().use
    assert KeyOptions().access_key is None


def test_an_access_code_is_kept_with_the_key_that_is_slow_to_derive() -> None:
    assert CODED.access_key == access_key("открой", "s")


def test_an_access_code_can_be_taken_away() -> None:
    assert CODED.with_access_code("", "s") == KeyOptions()


def test_a_new_access_code_leaves_the_other_options() -> None:
    assert not KeyOptions(use=False).with_access_code("x", "s").use


def test_without_a_file_there_are_no_options(file: OptionsFile) -> None:
    assert file.read() == {}


def test_options_come_back_from_their_file(file: OptionsFile) -> None:
    options = {"100-0001": CODED, "100-0002": KeyOptions(use=False)}

    file.write(options)

    assert file.read() == options


@mode_bits
def test_the_file_is_readable_for_its_owner_only(tmp_path: Path, file: OptionsFile) -> None:
    file.write({"100-0001": CODED})

    assert (tmp_path / "keys.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b'{"100-0001":{"use":1}}',
        b'{"100-0001":{"access_code":"\xff"}}',
        b"[" * 100_000,
        b'{"100-0001":{"later":' + b"[" * 100_000,
        json.dumps({"100-0001": {"access_code": "x"}}).encode(),
        json.dumps({"100-0001": {"derived": CODED.derived}}).encode(),
        json.dumps({"100-0001": {"access_code": "x", "derived": "not base64url!"}}).encode(),
    ],
)
def test_a_file_that_makes_no_sense_is_made_anew_from_its_copy(tmp_path: Path, file: OptionsFile, text: bytes) -> None:
    file.write({"100-0001": CODED})
    (tmp_path / "keys.json").write_bytes(text)

    assert file.read() == {"100-0001": CODED}
    assert [path.read_bytes() for path in tmp_path.glob("keys.json.corrupt-*")] == [text]


def test_a_file_that_may_not_be_read_is_refused_by_name(file: OptionsFile, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", forbidden)

    with pytest.raises(KeyFileError, match=r"keys\.json: Permission denied"):
        file.read()


@given(data=st.binary())
def test_any_bytes_are_options_or_lost(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "keys.json"
    path.write_bytes(data)

    try:
        options = OptionsFile(path).read()
    except LostError:
        return

    assert isinstance(options, dict)
