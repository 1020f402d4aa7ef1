# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The translations of the web pages are those of their sources, and what is read is what was translated."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.tools.messages import LOCALE, extracted

CATALOGS = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
AGAIN = "run `make messages`, and translate what is new"


def texts(catalog: Catalog) -> dict[object, object]:
    return {several(message.id): several(message.string) for message in catalog if message.id}


def several(text: object) -> object:
    """A text, or its forms by number, which the readers give as lists or tuples."""
    return tuple(text) if isinstance(text, list | tuple) else text


def read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.parents[1].name)


@pytest.mark.parametrize("po", CATALOGS, ids=lambda po: po.parents[1].name)
def test_every_text_is_translated_and_nothing_else(po: Path) -> None:
    translated = texts(read(po))

    assert translated.keys() == texts(extracted()).keys(), AGAIN
    assert [text for text, translation in translated.items() if not translation] == [], AGAIN


@pytest.mark.parametrize("po", CATALOGS, ids=lambda po: po.parents[1].name)
def test_a_translation_has_the_same_fields(po: Path) -> None:
    assert [(message.id, str(error)) for message, errors in read(po).check() for error in errors] == []


@pytest.mark.parametrize("po", CATALOGS, ids=lambda po: po.parents[1].name)
def test_what_the_payload_reads_is_what_was_translated(po: Path) -> None:
    with po.with_suffix(".mo").open("rb") as file:
        assert texts(read_mo(file)) == texts(read(po)), AGAIN
