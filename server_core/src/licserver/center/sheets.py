# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Customers, keys and packs as tables of text (CSV, RFC 4180), for spreadsheets and other programs. No I/O.

A table that was written can be read again. PINs and passwords are never written; whoever reads a table may give some in
a column of their own. docs/documents.md, "Tables".
"""

import csv
import io
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal

import msgspec

from licserver.center.catalog import Catalog, CatalogError, CatalogKey, CatalogPack, check_catalog
from licserver.center.customers import Customer
from licserver.center.packs import PackRecord
from licserver.center.registry import Key

Table = Literal["customers", "keys", "packs"]
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_MOMENT = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Line:
    """One line of a table: the catalog that it stands for, and where it stands."""

    place: str
    catalog: Catalog


@dataclass(frozen=True)
class _Sheet:
    """What the columns of a table mean.

    :ivar columns: every one has to be there; how a cell is read.
    :ivar secret: one more that may be there; its cells are in no message.
    """

    columns: Mapping[str, Callable[[str], object]]
    secret: Mapping[str, Callable[[str], object]]
    make: Callable[[Mapping[str, object]], Catalog]

    @property
    def identity(self) -> str:
        """The column that names what a line is about."""
        return next(iter(self.columns))


def write_table(table: Table, rows: Iterable[Customer | Key | PackRecord]) -> str:
    """The table as text with a line of names at the top."""
    columns = list(_SHEETS[table].columns)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_guarded(_cell(getattr(row, column))) for column in columns] for row in rows)
    return text.getvalue()


def read_table(table: Table, text: bytes, *, source: str) -> list[Line]:
    """What stands in a table, line by line. The columns may stand in any order, between commas or semicolons.

    :param source: where the text comes from, for messages.
    :raises CatalogError: naming the line, the column and the value.
    """
    sheet = _SHEETS[table]
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogError(f"{source}: it is no text in UTF-8") from error
    head = decoded.partition("\n")[0]
    reader = csv.reader(io.StringIO(decoded, newline=""), delimiter=";" if ";" in head and "," not in head else ",")
    try:
        names = [name.strip() for name in next(reader, [])]
        _check_names(source, names, sheet)
        lines: dict[str, Line] = {}
        for cells in filter(any, reader):
            line = _read(sheet, names, cells, f"{source}, line {reader.line_num}")
            what, name = sheet.identity, cells[names.index(sheet.identity)].strip()
            if name in lines:
                raise CatalogError(f"{line.place}, {what}: {name!r} stands in {lines[name].place} already")
            lines[name] = line
        return list(lines.values())
    except csv.Error as error:
        raise CatalogError(f"{source}, line {reader.line_num}: {error}") from error


def read_moment(text: str) -> int:
    """A day (its beginning), or a moment, in UTC; in seconds since 1970-01-01.

    :raises ValueError: it is neither.
    """
    for form in ("%Y-%m-%d", _MOMENT):
        try:
            return int(datetime.strptime(text, form).replace(tzinfo=timezone.utc).timestamp())
        except ValueError:
            continue
    raise ValueError("expected a day or a moment as 2027-01-31 or 2027-01-31 23:59:59, in UTC")


def _check_names(source: str, names: Sequence[str], sheet: _Sheet) -> None:
    known = (*sheet.columns, *sheet.secret)
    for name in names:
        if name not in known:
            raise CatalogError(f"{source}, line 1: there is no column {name!r}; there are {', '.join(known)}")
        if names.count(name) > 1:
            raise CatalogError(f"{source}, line 1: the column {name} stands there twice")
    for name in sheet.columns:
        if name not in names:
            raise CatalogError(f"{source}, line 1: the column {name} is missing")


def _read(sheet: _Sheet, names: Sequence[str], cells: Sequence[str], place: str) -> Line:
    if len(cells) != len(names):
        raise CatalogError(f"{place}: it has {len(cells)} cells, and the first line names {len(names)} columns")
    row: dict[str, object] = {}
    for name, cell in zip(names, cells, strict=True):
        value = _unguarded(cell.strip())
        secret = name in sheet.secret
        try:
            row[name] = {**sheet.columns, **sheet.secret}[name](value)
        except (ValueError, msgspec.ValidationError) as error:
            raise CatalogError(f"{place}, {name}{'' if secret else f': {value!r}'}: {error}") from error
    try:
        catalog = sheet.make(row)
    except msgspec.ValidationError as error:
        column = str(error).rpartition("$.")[2].strip("`").partition("[")[0]
        value = "" if column in sheet.secret or column not in names else f": {cells[names.index(column)]!r}"
        raise CatalogError(f"{place}, {column}{value}: {str(error).partition(' - at')[0]}") from error
    check_catalog(catalog, source=place)
    return Line(place, catalog)


def _cell(value: object) -> str:
    """As the functions below read it."""
    if value is None:
        return ""
    if isinstance(value, int):
        return time.strftime(_MOMENT, time.gmtime(value))
    if isinstance(value, tuple):
        return " ".join(":".join(map(str, msgspec.structs.astuple(one))) for one in value)
    return str(value)


def _guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: one that would begin like it gets an apostrophe."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _optional(cell: str) -> str | None:
    return cell or None


def _moment(cell: str) -> int | None:
    return read_moment(cell) if cell else None


def read_counters(cell: str) -> list[dict[str, object]]:
    """Counters as ``name:type:limit``, separated by spaces.

    :raises ValueError: they are not.
    """
    return [_parts(one, ("name", "type", "limit"), "main:session:5") for one in cell.split()]


def read_raises(cell: str) -> list[dict[str, object]]:
    """What a pack raises as ``counter:licenses``, separated by spaces.

    :raises ValueError: it is not.
    """
    return [_parts(one, ("counter", "licenses"), "main:5") for one in cell.split()]


def _parts(text: str, names: Sequence[str], example: str) -> dict[str, object]:
    """The last part is a number."""
    parts = text.split(":")
    if len(parts) != len(names) or not parts[-1].isdecimal() or len(parts[-1]) > 9:
        raise ValueError(f"expected such as {example}, several of them separated by spaces")
    return {**dict(zip(names, parts, strict=True)), names[-1]: int(parts[-1])}


def _pins(cell: str) -> list[str] | None:
    return cell.split() or None


_SHEETS: Mapping[Table, _Sheet] = {
    "customers": _Sheet(
        {"customer": str, "name": str, "tax_id": str, "address": str, "phone": str, "email": str},
        {},
        lambda row: Catalog(customers=(msgspec.convert(row, Customer),)),
    ),
    "keys": _Sheet(
        {"key_number": str, "product": str, "customer": _optional, "expires_at": _moment, "counters": read_counters},
        {"pins": _pins},
        lambda row: Catalog(keys=(msgspec.convert(row, CatalogKey),)),
    ),
    "packs": _Sheet(
        {"pack": str, "product": str, "raises": read_raises},
        {"password": _optional},
        lambda row: Catalog(packs=(msgspec.convert(row, CatalogPack),)),
    ),
}
