# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The text files of 1C (docs/specification.md, section 9)."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.protect.licensing.plugins.module_utils._v8i import V8iError, V8iText

LIST = '; mine\r\n[Демо]\r\nConnect=File="C:\\Базы";\r\nFolder=/\r\n\r\n[Other]\r\nstrange\r\nID=1\r\n'
ENCODINGS = {
    "utf-8": (b"", "utf-8"),
    "utf-8 with a mark": (codecs.BOM_UTF8, "utf-8"),
    "utf-16le": (codecs.BOM_UTF16_LE, "utf-16-le"),
    "windows-1251": (b"", "cp1251"),
}

one_line = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=20).map(lambda t: t.strip(" \t"))
names = one_line.filter(bool)
keys = st.from_regex(r"[A-Za-zА-Яа-я][A-Za-zА-Яа-я0-9 ]{0,8}[A-Za-z]", fullmatch=True)
lines = st.one_of(one_line, names.map("[{}]".format), st.tuples(keys, one_line).map("=".join))
texts = st.lists(st.tuples(lines, st.sampled_from(["\r\n", "\n", "\r"]))).map(
    lambda parts: "".join(text + end for text, end in parts)
)
marks = st.sampled_from([(b"", "utf-8"), (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le")])


def contents(text: V8iText) -> list[tuple[str, list[str]]]:
    """Every line outside the sections, and of each section its lines."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for line in text.to_text().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.strip(" \t").startswith("[") and line.strip(" \t").endswith("]") and len(line.strip(" \t")) > 1:
            found.append((line.strip(" \t")[1:-1], []))
        elif line:
            found[-1][1].append(line)
    return found


@given(texts, marks)
def test_a_file_is_reproduced_byte_for_byte(text: str, kind: tuple[bytes, str]) -> None:
    data = kind[0] + text.encode(kind[1])
    assert V8iText.parse(data).to_bytes() == data


@pytest.mark.parametrize("kind", ENCODINGS)
def test_every_encoding_is_read_and_kept(kind: str) -> None:
    mark, encoding = ENCODINGS[kind]
    text = V8iText.parse(mark + LIST.encode(encoding))
    text.set("Демо", "Folder", "/Филиал")
    assert text.to_bytes() == mark + LIST.replace("Folder=/", "Folder=/Филиал").encode(encoding)


@given(texts, marks, st.none() | names, keys, one_line)
def test_what_is_set_is_read_back(
    content: str, kind: tuple[bytes, str], section: str | None, key: str, value: str
) -> None:
    text = V8iText.parse(kind[0] + content.encode(kind[1]))
    if text.sections.count(str(section)) > 1:
        return
    text.set(section, key, value)
    assert V8iText.parse(text.to_bytes()).get(section, key) == value


@given(texts, names, keys, one_line)
def test_setting_leaves_everything_else(content: str, section: str, key: str, value: str) -> None:
    text = V8iText.parse(content.encode())
    if section in text.sections:
        return
    before = contents(text)
    text.set(section, key, value)
    assert contents(text) == [*before, (section, [f"{key}={value}"])]


@given(texts, names, keys, one_line)
def test_a_section_that_was_added_is_removed_without_a_trace(content: str, section: str, key: str, value: str) -> None:
    text = V8iText.parse(content.encode())
    if section in text.sections:
        return
    text.set(section, key, value)
    text.remove(section)
    assert text.to_text() == content


def test_sections_and_their_keys_are_read() -> None:
    text = V8iText.parse(LIST.encode())
    assert text.sections == ["Демо", "Other"]
    assert text.get("Демо", "connect") == 'File="C:\\Базы";'
    assert text.get("Other", "Folder") is None
    assert text.get("None", "Folder") is None
    assert text.line_of("Other", "ID") == 8


def test_a_name_may_hold_brackets() -> None:
    assert V8iText.parse(b"[Base [test]]\nID=1\n").get("Base [test]", "ID") == "1"


def test_a_key_is_added_below_the_last_line_of_its_section() -> None:
    text = V8iText.parse(LIST.encode())
    text.set("Демо", "App", "Auto")
    assert text.to_text() == LIST.replace("Folder=/\r\n", "Folder=/\r\nApp=Auto\r\n")


def test_a_key_is_added_before_the_first_section() -> None:
    text = V8iText.parse(b"[A]\nID=1\n")
    text.set(None, "CommonInfoBases", "/srv/list.v8i")
    assert text.to_text() == "CommonInfoBases=/srv/list.v8i\n[A]\nID=1\n"


def test_a_key_may_stand_several_times() -> None:
    text = V8iText.parse(b"CommonInfoBases=a\nUseHwLicenses=0")
    text.add(None, "CommonInfoBases", "b")
    assert text.values(None, "commoninfobases") == ["a", "b"]
    assert text.to_text() == "CommonInfoBases=a\nUseHwLicenses=0\nCommonInfoBases=b\n"


def test_an_empty_file_gets_the_line_ending_asked_for() -> None:
    text = V8iText.parse(codecs.BOM_UTF8, "\r\n")
    text.set("A", "ID", "1")
    assert text.to_bytes() == codecs.BOM_UTF8 + b"[A]\r\nID=1\r\n"


def test_a_section_is_removed_with_all_it_holds() -> None:
    text = V8iText.parse(LIST.encode())
    text.remove("Демо")
    assert text.to_text() == "; mine\r\n[Other]\r\nstrange\r\nID=1\r\n"


def test_removing_an_absent_section_changes_nothing() -> None:
    text = V8iText.parse(LIST.encode())
    text.remove("None")
    assert text.to_text() == LIST


def test_a_section_that_stands_twice_is_not_changed() -> None:
    text = V8iText.parse(b"[A]\nID=1\n[A]\nID=2\n")
    with pytest.raises(V8iError, match=r"line 3: \[A\]: already stands in line 1"):
        text.set("A", "ID", "3")


@pytest.mark.parametrize("data", [b"a=\x98", b"a\0b", b"\xff\xfea", b"\xef\xbb\xbf\xff"])
def test_bytes_in_no_known_encoding_are_refused(data: bytes) -> None:
    with pytest.raises(V8iError, match="UTF-8"):
        V8iText.parse(data)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("", "ID", "1"),
        ("a\nb", "ID", "1"),
        ("a" * 256, "ID", "1"),
        ("a", "I=D", "1"),
        ("a", "[ID", "1"),
        ("a", "ID", " 1"),
    ],
)
def test_what_cannot_be_read_back_is_refused(section: str, key: str, value: str) -> None:
    with pytest.raises(V8iError, match=r"one line|not a key"):
        V8iText.parse(b"").set(section, key, value)


def test_a_letter_that_the_encoding_lacks_is_refused() -> None:
    with pytest.raises(V8iError, match=r"\[Демо\]: Folder=/中: cannot be written in cp1251"):
        V8iText.parse(LIST.encode("cp1251")).set("Демо", "Folder", "/中")


def test_bytes_that_would_mean_something_else_are_refused() -> None:
    text = V8iText.parse("[Я]\nID=1\n[B]\nID=".encode("cp1251") + "Рђ".encode("cp1251"))
    text.remove("Я")
    with pytest.raises(V8iError, match="another encoding"):
        text.to_bytes()
