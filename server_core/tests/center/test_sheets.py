# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of text: what is written is read again, and what is wrong is told where it stands."""

import csv
import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.center.catalog import CatalogError, CatalogKey, CatalogPack
from licserver.center.customers import Customer
from licserver.center.packs import PackRecord
from licserver.center.registry import Key
from licserver.center.sheets import Table, read_moment, read_table, write_table
from licserver.documents import Counter, Raise

KEYS = "key_number,product,customer,expires_at,counters"
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}", fullmatch=True)
lines = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
counters = st.lists(
    st.builds(Counter, name=names, type=st.sampled_from(["session", "user"]), limit=st.integers(1, 999)),
    max_size=3,
    unique_by=lambda counter: counter.name,
)
keys = st.builds(
    Key,
    key_number=names,
    product=names,
    customer=st.none() | names,
    expires_at=st.none() | st.integers(0, 253_402_300_799),
    counters=counters.map(tuple),
)
cells = st.builds(str.__add__, st.sampled_from(["", "'", "=", "'=", "''+", "-", "@"]), lines)
customers = st.builds(
    Customer, customer=names, name=cells.filter(bool), tax_id=lines, address=cells, phone=cells, email=lines
)
raises = (Raise(counter="main", licenses=5), Raise(counter="tills", licenses=2))
packs = st.builds(PackRecord, pack=names, product=names, raises=st.just(raises))


@given(st.lists(customers, max_size=4, unique_by=lambda one: one.customer))
def test_customers_are_read_as_they_were_written(rows: list[Customer]) -> None:
    read = read_table("customers", write_table("customers", rows).encode("utf-8-sig"), source="c")

    assert [one for line in read for one in line.catalog.customers] == rows


@given(customers)
def test_no_cell_is_a_formula(customer: Customer) -> None:
    (_, cells) = csv.reader(io.StringIO(write_table("customers", [customer]), newline=""))

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


@given(st.lists(keys, max_size=4, unique_by=lambda one: one.key_number))
def test_keys_are_read_as_they_were_written(rows: list[Key]) -> None:
    read = read_table("keys", write_table("keys", rows).encode(), source="k")

    wanted = [CatalogKey(**msgspec.structs.asdict(row)) for row in rows]
    assert [one for line in read for one in line.catalog.keys] == wanted


@given(st.lists(packs, max_size=4, unique_by=lambda one: one.pack))
def test_packs_are_read_as_they_were_written(rows: list[PackRecord]) -> None:
    read = read_table("packs", write_table("packs", rows).encode(), source="p")

    wanted = [CatalogPack(**msgspec.structs.asdict(row)) for row in rows]
    assert [one for line in read for one in line.catalog.packs] == wanted


@given(st.binary(max_size=200))
def test_whatever_a_file_holds_is_read_or_refused(text: bytes) -> None:
    problem = "keys.csv"
    try:
        read_table("keys", KEYS.encode() + b"\n" + text, source="keys.csv")
    except CatalogError as error:
        problem = error.message

    assert problem.startswith("keys.csv")


def test_a_table_of_a_spreadsheet_may_have_semicolons_and_another_order() -> None:
    text = "\ufeffpassword;raises;product;pack\r\nabcd-1234;main:5 tills:2;retail;P-1\r\n;;;\r\n"

    (line,) = read_table("packs", text.encode(), source="packs.csv")

    assert line.catalog.packs == (CatalogPack(pack="P-1", product="retail", raises=raises, password="abcd-1234"),)


@pytest.mark.parametrize(
    ("table", "text", "problem"),
    [
        ("keys", "", "line 1: the column key_number is missing"),
        ("keys", "key_number,product,customer,counters", "line 1: the column expires_at is missing"),
        ("keys", KEYS + ",pin", "line 1: there is no column 'pin'; there are key_number, "),
        ("keys", KEYS + ",product", "line 1: the column product stands there twice"),
        ("keys", KEYS + "\n1,retail", "line 2: it has 2 cells, and the first line names 5 columns"),
        ("keys", KEYS + "\n1,retail,,,\n../2,retail,,,", "line 3, key_number: '../2': Expected"),
        ("keys", KEYS + "\n1,retail,,tomorrow,", "line 2, expires_at: 'tomorrow': expected a day or a moment"),
        ("keys", KEYS + "\n1,retail,,,main:5", "line 2, counters: 'main:5': expected such as main:session:5"),
        ("keys", KEYS + "\n1,retail,,,main:often:5", "line 2, counters: 'main:often:5': Invalid enum value"),
        ("keys", KEYS + "\n1,retail,,,main:session:0", "line 2, counters: 'main:session:0': Expected"),
        ("packs", "pack,product,raises\nP-1,retail,", "line 2, raises: '': Expected"),
        ("packs", "pack,product,raises\nP-1,retail,main:x", "line 2, raises: 'main:x': expected such as main:5"),
        ("customers", "customer,name,tax_id,address,phone,email\nC-1,,,,,", "line 2, name: '': Expected"),
        ("keys", KEYS + "\n1,a,,,\n2,a,,,\n1,b,,,", "line 4, key_number: '1' stands in sheet.csv, line 2 already"),
        ("keys", KEYS + "\n1," + "x" * 200_000, "line 2: field larger than"),
    ],
)
def test_what_is_wrong_is_told_with_line_column_and_value(table: Table, text: str, problem: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read_table(table, text.encode(), source="sheet.csv")

    assert refused.value.message.startswith(f"sheet.csv, {problem}")


def test_a_text_that_is_no_utf_8_is_refused() -> None:
    with pytest.raises(CatalogError, match=r"sheet\.csv: it is no text in UTF-8"):
        read_table("keys", "ключ".encode("cp1251"), source="sheet.csv")


@pytest.mark.parametrize(
    ("table", "text", "secret"),
    [
        ("keys", f"{KEYS},pins\n1,retail,,,,98-76 !!", "98-76"),
        ("packs", "pack,product,raises,password\nP,r,a:1,?77", "?77"),
    ],
)
def test_a_pin_is_in_no_message(table: Table, text: str, secret: str) -> None:
    with pytest.raises(CatalogError) as refused:
        read_table(table, text.encode(), source="sheet.csv")

    assert "line 2" in refused.value.message
    assert secret not in refused.value.message


@pytest.mark.parametrize(("text", "moment"), [("2027-01-15", 1_799_971_200), ("2027-01-15 08:00:00", 1_800_000_000)])
def test_moments_are_in_utc(text: str, moment: int) -> None:
    assert read_moment(text) == moment
