# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Request and answer files on the control node."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from ansible_collections.protect.licensing.plugins.module_utils._carried_files import (
    MAX_FILE_BYTES,
    CarriedFile,
    find_answer,
    read_carried,
    read_text,
    requests_in,
    write_text,
)
from ansible_collections.protect.licensing.tests.unit.plugins.carried import answer, carried, request


def test_a_request_and_an_answer_say_what_they_are() -> None:
    assert read_carried(request(pack="P-1")) == CarriedFile(True, "r1", "100-0001", "P-1")
    assert read_carried(answer()) == CarriedFile(False, "r1", "100-0001", None)


def test_what_stands_around_the_block_and_its_line_ends_do_not_matter() -> None:
    mailed = "Dear vendor,\r\n\r\n" + request().replace("\n", "\r\n  ") + "-- \r\nregards"
    assert read_carried(mailed) == CarriedFile(True, "r1", "100-0001", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        request()[:-20],
        carried("REQUEST", request_id=7, key_number="100-0001"),
        carried("REQUEST", key_number="100-0001"),
        carried("SEALED KEY", request_id="r1", key_number="100-0001"),
        "-----BEGIN PROTECT REQUEST-----\nabc\n-----END PROTECT REQUEST-----",
        "-----BEGIN PROTECT REQUEST-----\na.b.c\n-----END PROTECT REQUEST-----",
        "-----BEGIN PROTECT REQUEST-----\na." + base64.urlsafe_b64encode(b"[" * 40000).decode() + ".c\n"
        "-----END PROTECT REQUEST-----",
        "-----BEGIN PROTECT REQUEST-----\na." + base64.urlsafe_b64encode(b"[]").decode() + ".c\n"
        "-----END PROTECT REQUEST-----",
    ],
)
def test_what_is_neither_is_told_without_an_error(text: str) -> None:
    assert read_carried(text) is None


def test_the_answer_to_a_request_is_found_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "Re: your request (2).txt").write_text(answer(2))
    (tmp_path / "a.request").write_text(request(2))
    (tmp_path / ".hidden").write_text(answer(2))
    (tmp_path / "folder").mkdir()
    assert find_answer(str(tmp_path), "r2") == (str(tmp_path / "Re: your request (2).txt"), answer(2))
    assert find_answer(str(tmp_path), "r1") is None
    assert find_answer(str(tmp_path / "nowhere"), "r1") is None


def test_of_several_answers_the_latest_is_taken(tmp_path: Path) -> None:
    for name, age in (("a", 100), ("b", 0), ("c", 50)):
        (tmp_path / name).write_text(answer() + name)
        os.utime(tmp_path / name, (1_000_000_000 - age, 1_000_000_000 - age))
    assert find_answer(str(tmp_path), "r1") == (str(tmp_path / "b"), answer() + "b")


def test_the_requests_of_a_folder_come_by_name(tmp_path: Path) -> None:
    (tmp_path / "b.request").write_text(request(2))
    (tmp_path / "a.request").write_text(request(1))
    (tmp_path / "README").write_text("hello")
    (tmp_path / "c.answer").write_text(answer(1))
    assert [content.request_id for _path, _text, content in requests_in(str(tmp_path))] == ["r1", "r2"]


def test_a_file_is_replaced_whole_and_readable_for_those_who_carry_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.request"
    write_text(str(path), "one\n")
    write_text(str(path), "two\n")
    assert (path.read_bytes(), path.stat().st_mode & 0o777, os.listdir(path.parent)) == (b"two\n", 0o644, ["a.request"])


def test_what_cannot_be_written_or_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match=r"file/a\.request cannot be written"):
        write_text(str(tmp_path / "file" / "a.request"), "")
    (tmp_path / "taken").mkdir()
    with pytest.raises(ValueError, match="taken cannot be written"):
        write_text(str(tmp_path / "taken"), "")
    assert sorted(os.listdir(tmp_path)) == ["file", "taken"]
    with pytest.raises(ValueError, match="taken cannot be read"):
        read_text(str(tmp_path / "taken"))


def test_a_file_without_end_is_read_in_part(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    assert len(read_text(str(tmp_path / "long"))) == MAX_FILE_BYTES
