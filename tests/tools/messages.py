# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the translations of the web pages up to their sources: `make messages`.

New texts are added to `…/locale/<language>/LC_MESSAGES/licserver.po` without a translation, those that no page
shows any more are removed, and the catalog is compiled into the `.mo` beside it, which the payload reads and the
repository keeps. A test compares all three.
"""

from __future__ import annotations

import io
from datetime import datetime, timezone
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parents[2] / "server_core" / "src" / "licserver"
LOCALE = PACKAGE / "pages" / "locale"
_SPEAKING = ("pages", "center", "server")
"""The packages that say something to people in a browser."""
_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_OPTIONS = {"**.html": {"newstyle_gettext": "true", "trimmed": "true", "silent": "false"}}
_HEAD = """\
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
# The texts of the web pages in {language}. `make messages` brings them up to their sources."""
_ALWAYS = datetime(2026, 1, 1, tzinfo=timezone.utc)  # a catalog says when it was made; ours only says what


def extracted() -> Catalog:
    """The texts of the sources."""
    catalog = Catalog(fuzzy=False)
    for package in _SPEAKING:
        found = extract_from_dir(PACKAGE / package, _METHODS, _OPTIONS)
        for file, _, message, comments, context in sorted(found, key=lambda one: one[:2]):
            catalog.add(message, None, [(f"{package}/{Path(file).as_posix()}", None)], (), comments, context=context)
    return catalog


def updated(po: Path) -> Catalog:
    """The catalog in a file, with the texts of the sources and the translations that it had."""
    with po.open("rb") as file:
        catalog = read_po(file, locale=po.parents[1].name)
    catalog.update(extracted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    catalog.header_comment = _HEAD.format(language=catalog.locale.english_name)
    catalog.creation_date = catalog.revision_date = _ALWAYS
    catalog.project, catalog.version = "protect-licensing", "1"
    catalog.last_translator = catalog.language_team = catalog.copyright_holder = "The protect.licensing contributors"
    catalog.msgid_bugs_address = ""
    return catalog


def po_text(catalog: Catalog) -> bytes:
    """A catalog as a `.po` file."""
    text = io.BytesIO()
    write_po(text, catalog, width=120, include_lineno=False)
    return text.getvalue()


def mo_content(catalog: Catalog) -> bytes:
    """A catalog as a `.mo` file."""
    content = io.BytesIO()
    write_mo(content, catalog)
    return content.getvalue()


def main() -> None:
    for po in sorted(LOCALE.glob("*/LC_MESSAGES/*.po")):
        catalog = updated(po)
        po.write_bytes(po_text(catalog))
        po.with_suffix(".mo").write_bytes(mo_content(catalog))
        missing = [message.id for message in catalog if message.id and not message.string]
        print(f"{po}: {len(catalog)} texts, {len(missing)} not translated")


if __name__ == "__main__":
    main()
