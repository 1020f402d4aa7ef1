# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The ini engine: what is not understood is kept, what is wrong is named (docs/specification.md, sections 3 and 4)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ansible_collections.protect.licensing.plugins.module_utils._ini import (
    CLIENT_KEYS,
    SERVER_KEYS,
    IniError,
    IniText,
    check_client_ini,
    check_server_ini,
    parse_server_address,
    parse_servers,
    seal_credential,
    verify_credential,
)

SEALED = "scrypt$14$8$1$AAAAAAAAAAAAAAAAAAAAAA==$" + "A" * 43 + "="
KNOWN_NAMES = {name.lower() for name in (*SERVER_KEYS, *CLIENT_KEYS)}

one_line = st.text(st.characters(exclude_characters="\r\n\0", exclude_categories=["Cs"]))
values = one_line.map(lambda text: text.strip(" \t"))
unknown_keys = st.from_regex(r"[A-Za-zА-я][A-Za-zА-я0-9_. ]{0,10}[A-Za-z0-9]", fullmatch=True).filter(
    lambda key: key.lower() not in KNOWN_NAMES
)
line_ends = st.sampled_from(["\n", "\r\n", "\r"])
blanks = st.text(" \t", max_size=3)
assignments = st.builds("{}{}{}={}{}{}".format, blanks, unknown_keys, blanks, blanks, values, blanks)
comments = st.builds("{}{}{}".format, blanks, st.sampled_from(";#"), one_line)
lines = st.one_of(assignments, comments, blanks)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Whole files with mixed line endings, a known key or two, and perhaps no line ending at the end."""
    content = draw(st.lists(lines, max_size=6))
    for known in draw(st.sets(st.sampled_from(["port=15200", "WEBPORT = 15201", "server=*LOCAL"]))):
        content.insert(draw(st.integers(0, len(content))), known)
    text = "".join(line + draw(line_ends) for line in content)
    return text + draw(st.one_of(assignments, st.just("")))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """The bytes of such files in every encoding that is understood."""
    text = draw(texts())
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1251"]))
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("utf-8")


def parsed(data: bytes) -> IniText:
    try:
        return IniText.parse(data)
    except IniError:
        assume(False)
        raise


def other_lines(data: bytes, key: str) -> list[bytes]:
    def named(line: bytes) -> bool:
        return line.partition(b"=")[0].strip(b" \t").lower() == key.lower().encode()

    return [
        line
        for line in data.replace(b"\xef\xbb\xbf", b"", 1).replace(b"\r", b"\n").split(b"\n")
        if line and not named(line)
    ]


@given(files())
def test_bytes_are_reproduced(data: bytes) -> None:
    assert parsed(data).to_bytes() == data


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_reproduced_or_refused(data: bytes) -> None:
    with contextlib.suppress(IniError):
        assert IniText.parse(data).to_bytes() == data


@given(files(), st.one_of(unknown_keys, st.sampled_from(["port", "Local", "access_code"])), values)
def test_a_value_that_was_set_is_read_back(data: bytes, key: str, value: str) -> None:
    ini = parsed(data)
    try:
        ini.set(key, value)
        written = ini.to_bytes()
    except IniError:
        assume(False)
    assert ini.get(key.swapcase()) == value
    assert IniText.parse(written).get(key) == value


@given(files(), values.filter(str.isascii))
def test_setting_a_key_leaves_every_other_line(data: bytes, value: str) -> None:
    ini = parsed(data)
    ini.set("port", value)
    assert other_lines(ini.to_bytes(), "port") == other_lines(data, "port")


@given(files())
def test_removing_a_key_leaves_every_other_line(data: bytes) -> None:
    ini = parsed(data)
    ini.remove("PORT")
    try:
        written = ini.to_bytes()
    except IniError:
        assume(False)
    assert ini.get("port") is None
    assert other_lines(written, "port") == other_lines(data, "port")


@given(files(), st.text(max_size=8), st.text(max_size=8))
def test_whatever_is_set_leaves_a_file_that_can_be_read(data: bytes, key: str, value: str) -> None:
    ini = parsed(data)
    try:
        ini.set(key, value)
        written = ini.to_bytes()
    except IniError:
        return
    assert IniText.parse(written).get(key) == value


def test_a_value_changes_in_place_with_the_blanks_around_it() -> None:
    ini = IniText.parse(b"; ports\r\n Port =  15200 \r\nother=1\r\n")
    ini.set("port", "15300")
    assert ini.to_bytes() == b"; ports\r\n Port =  15300 \r\nother=1\r\n"


def test_a_new_key_is_appended_with_the_line_ending_of_the_file() -> None:
    ini = IniText.parse(b"port=15200\r\nWebPort=15201")
    ini.set("Local", "0")
    assert ini.to_bytes() == b"port=15200\r\nWebPort=15201\r\nLocal=0\r\n"


def test_a_windows_1251_file_stays_one() -> None:
    ini = IniText.parse("; сервер\nport=1\n".encode("cp1251"))
    ini.set("owner", "Рога")
    assert ini.to_bytes() == "; сервер\nport=1\nowner=Рога\n".encode("cp1251")


def test_a_byte_order_mark_does_not_hide_the_first_key() -> None:
    assert IniText.parse(b"\xef\xbb\xbfport=1").get("port") == "1"


def test_a_value_outside_the_encoding_of_the_file_is_refused() -> None:
    ini = IniText.parse("; сервер\n".encode("cp1251"))
    with pytest.raises(IniError, match="owner: the value cannot be written in cp1251"):
        ini.set("owner", "日本")


def test_a_windows_1251_file_that_would_turn_into_utf_8_is_refused() -> None:
    ini = IniText.parse("owner=ж".encode("cp1251"))
    ini.set("owner", "Рђ")
    with pytest.raises(IniError, match="read back in another encoding"):
        ini.to_bytes()


def test_lines_are_counted_from_one() -> None:
    ini = IniText.parse(b"; first\n\nport=1\n")
    assert ini.line_of("PORT") == 3
    assert ini.line_of("WebPort") is None


@pytest.mark.parametrize("key", ["", " port", "a=b", "[a", ";a", "#a", "a\nb", "a "])
def test_a_key_that_cannot_be_read_back_is_refused(key: str) -> None:
    with pytest.raises(IniError, match="not a key that can be written"):
        IniText.parse(b"").set(key, "1")


@pytest.mark.parametrize("value", ["two\nlines", " blank before", "blank after\t", "\0"])
def test_a_value_that_cannot_be_read_back_is_refused(value: str) -> None:
    with pytest.raises(IniError, match="one line without blanks"):
        IniText.parse(b"").set("port", value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"port=1\nPORT=2\n", "line 2: PORT: already set in line 1, delete one of the two"),
        (b"\n[server]\n", "line 2: [server]: section headers have no place here, delete the line"),
        (b"port\n", "line 1: no '=' in the line, write key=value or start a comment with ';'"),
        (b" = 5\n", "line 1: no key before '='"),
        (b"a=1\nb=\x98\n", "line 2: neither UTF-8 nor Windows-1251 text, save the file as UTF-8"),
        ("port=1".encode("utf-16"), "line 1: neither UTF-8 nor Windows-1251 text, save the file as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_place(data: bytes, message: str) -> None:
    with pytest.raises(IniError) as caught:
        IniText.parse(data)
    assert str(caught.value) == message


def test_an_unknown_key_may_stand_twice() -> None:
    assert IniText.parse(b"allow=a\nallow=b\n").get("allow") == "a"


def test_an_empty_server_ini_means_the_defaults() -> None:
    assert check_server_ini(IniText.parse(b"")) == {
        "port": 15200,
        "web_port": 15201,
        "local": True,
        "bind_address": "",
        "names": (),
        "idle_minutes": 10,
        "user": None,
        "password": None,
        "tls": False,
        "tls_certificate": "",
        "tls_key": "",
        "language": "",
        "token_module": "",
    }


def test_every_server_key_is_read_with_its_type() -> None:
    text = f"PORT=1\nwebport=2\nlocal=0\nUSER={SEALED}\npassword={SEALED}\nbindaddress=::1\nidletime=0\nmore=x\n"
    text += "names=Licenses.Example, лицензии.example\n"
    text += "tls=1\ntlscertificate=C:\\own.pem\ntlskey=/etc/own.key\nlanguage=ru\ntokenmodule=/usr/lib/p11.so\n"
    assert check_server_ini(IniText.parse(text.encode())) == {
        "port": 1,
        "web_port": 2,
        "local": False,
        "bind_address": "::1",
        "names": ("licenses.example", "xn--e1aebcanq4e.example"),
        "idle_minutes": 0,
        "user": SEALED,
        "password": SEALED,
        "tls": True,
        "tls_certificate": "C:\\own.pem",
        "tls_key": "/etc/own.key",
        "language": "ru",
        "token_module": "/usr/lib/p11.so",
    }


EXAMPLE = "licenses.example.org"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (";\n\nport=abc", "line 3: port=abc: not a number from 1 to 65535"),
        ("port=0", "line 1: port=0: not a number from 1 to 65535"),
        ("Port=", "line 1: port=: not a number from 1 to 65535"),
        ("port=١", "line 1: port=١: not a number from 1 to 65535"),
        ("webport=65536", "line 1: WebPort=65536: not a number from 1 to 65535"),
        ("port=15201", "line 1: port=15201: port and WebPort must differ"),
        ("a=b\nWebPort=15200", "line 2: WebPort=15200: port and WebPort must differ"),
        ("Local=yes", "line 1: Local=yes: not 0 or 1"),
        ("BindAddress=lan", "line 1: BindAddress=lan: not an IP address (leave it empty for all interfaces)"),
        *(
            (f"Names={names}", f"line 1: Names={names}: {one!r} is not the name of a host, write one such as {EXAMPLE}")
            for names, one in (("a,,b", ""), ("a:1", "a:1"), ("10.0.0.1", "10.0.0.1"))
        ),
        ("IdleTime=1441", "line 1: IdleTime=1441: not a number from 0 to 1440"),
        ("Language=de", "line 1: Language=de: not en or ru (leave it empty for that of each browser)"),
        ("user=" + SEALED, "line 1: user: stands there without password, set both or delete both"),
        ("password=" + SEALED, "line 1: password: stands there without user, set both or delete both"),
        ("TLS=on", "line 1: TLS=on: not 0 or 1"),
        ("TLSKey=own.key", "line 1: TLSKey=own.key: not a whole path, write it from the root on"),
        ("TLSKey=/k", "line 1: TLSKey=/k: stands there without TLSCertificate, set both or none"),
        ("TLSCertificate=/c\nTLSKey=", "line 1: TLSCertificate=/c: stands there without TLSKey, set both or none"),
    ],
)
def test_a_wrong_server_ini_is_refused_with_line_key_and_value(text: str, message: str) -> None:
    with pytest.raises(IniError) as caught:
        check_server_ini(IniText.parse(text.encode()))
    assert str(caught.value) == message


def test_a_secret_is_not_repeated_in_the_error() -> None:
    with pytest.raises(IniError) as caught:
        check_server_ini(IniText.parse(b"password=hunter2\n"))
    assert "hunter2" not in str(caught.value)
    assert (caught.value.line, caught.value.key, caught.value.value) == (1, "password", None)


def test_a_sealed_credential_verifies_its_secret_only() -> None:
    sealed = seal_credential("пароль")
    assert verify_credential(sealed, "пароль")
    assert not verify_credential(sealed, "пароль ")


def test_a_credential_is_sealed_with_a_salt_of_its_own() -> None:
    assert seal_credential("secret") != seal_credential("secret")


@pytest.mark.parametrize(
    "sealed",
    ["", "secret", "scrypt$14$8$1$AA==$AA==", SEALED.replace("$14$", "$30$"), SEALED.replace("AA==", "A==")],
)
def test_what_is_not_sealed_verifies_nothing(sealed: str) -> None:
    assert not verify_credential(sealed, "secret")


def test_an_empty_client_ini_means_this_computer() -> None:
    assert check_client_ini(IniText.parse(b"")) == {"servers": ["*LOCAL"], "access_code": None, "tls_pins": []}


def test_client_addresses_keep_their_order() -> None:
    ini = IniText.parse(b"server = *local , branch.example.org, [::1]:15300 ,*AUTO\naccess_code=firm\n")
    assert check_client_ini(ini) == {
        "servers": ["*LOCAL", "branch.example.org", "[::1]:15300", "*AUTO"],
        "access_code": "firm",
        "tls_pins": [],
    }


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("branch", ("branch", 15200)),
        ("branch-1.example.org:15300", ("branch-1.example.org", 15300)),
        ("127.0.1.2:1", ("127.0.1.2", 1)),
        ("[fe80::1]", ("fe80::1", 15200)),
        ("[::1]:65535", ("::1", 65535)),
        ("сервер.рф", ("сервер.рф", 15200)),
        ("branch.example.", ("branch.example.", 15200)),
    ],
)
def test_an_address_is_split_into_host_and_port(text: str, address: tuple[str, int]) -> None:
    assert parse_server_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "::1",
        "host:",
        "host:0",
        "host:65536",
        "[host]",
        "[::1",
        "300.1.1.1",
        "1.2",
        "a b",
        "-a",
        "a..b",
        "a..",
        "я" * 60,
        ":1",
    ],
)
def test_what_is_not_an_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not|is"):
        parse_server_address(text)


@pytest.mark.parametrize("value", ["", "a,,b", "*ANY", "*AUTO:15200"])
def test_a_wrong_list_of_servers_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"not|neither"):
        parse_servers(value)


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    try:
        host, port = parse_server_address(text)
    except ValueError:
        return
    assert host.encode("idna")
    assert 1 <= port <= 65535
