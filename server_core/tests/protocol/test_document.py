# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/protocol.md says what the sources do: its examples are those of the conversation that a test has with a real
server, every field has its line, and every error code stands in the table, and no other."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

import licserver
from licserver.documents import ServerHere
from licserver.seats.holder import Holder
from licserver.server.tcp import MAX_UNDER_WAY, REQUESTS_A_TURN
from licserver.wire.conversation import MAX_BAD_MESSAGES
from licserver.wire.discovery import QUESTION_BYTES
from licserver.wire.messages import (
    MAX_LINE_BYTES,
    PROTOCOL_VERSIONS,
    AnyAnswer,
    AnyRequest,
    HolderSeen,
    MoreLicenses,
    Suppose,
)
from server_core.tests.protocol import example
from server_core.tests.protocol.test_example import ANSWERS, DISCOVERY, REQUESTS, said

TEXT = (example.PATH.parent / "protocol.md").read_text(encoding="utf-8")
SOURCES = Path(licserver.__file__).parent
CUT = "…"


def section(title: str) -> str:
    """The text below a heading, up to the next of the same or a higher level."""
    level = title.split(" ", 1)[0]
    _, _, after = TEXT.partition(f"\n{title}\n")
    assert after, f"there is no section {title!r}"
    return re.split(rf"^#{{1,{len(level)}}} ", after, maxsplit=1, flags=re.MULTILINE)[0]


def shown_messages(text: str) -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(r"^```json\n(.*?)\n```$", text, re.DOTALL | re.MULTILINE)]


def is_shown(shown: Any, said: Any) -> bool:
    """Whether an example is what was said, but for values that it cuts short."""
    match shown, said:
        case dict(), dict():
            return shown.keys() == said.keys() and all(is_shown(shown[name], said[name]) for name in shown)
        case list(), list():
            return len(shown) == len(said) and all(map(is_shown, shown, said))
        case str(), str() if shown.endswith(CUT):
            return said.startswith(shown[: -len(CUT)])
    return bool(shown == said)


EXAMPLES = shown_messages(section("## Messages"))


@pytest.mark.parametrize("shown", EXAMPLES, ids=lambda one: f"{one['type']}-{one['id']}")
def test_every_example_was_said_to_or_by_a_real_server(shown: dict[str, Any]) -> None:
    assert any(is_shown(shown, message) for message in REQUESTS + ANSWERS)


def test_every_kind_of_message_has_an_example() -> None:
    kinds = {kind.__struct_config__.tag for kind in get_args(AnyRequest) + get_args(AnyAnswer)}

    assert {shown["type"] for shown in EXAMPLES} == kinds


def test_the_question_of_a_discovery_is_that_of_the_example() -> None:
    (shown,) = shown_messages(section("## Discovery"))
    (question,) = (json.loads(line) for line in said(DISCOVERY, ">"))

    assert is_shown(shown, question)
    assert f"at least {QUESTION_BYTES:,} bytes" in section("## Discovery")


SECTIONS = {
    "hello": "### hello → welcome",
    "login": "### login → granted",
    "renew": "### renew → renewed",
    "logout": "### logout → freed",
    "check": "### check → checked",
    "failed": "### failed",
}
ANSWERED_IN = {"welcome": "hello", "granted": "login", "renewed": "renew", "freed": "logout", "checked": "check"}
AS_BEFORE = {"logout": "renew", "freed": "renew", "check": "login"}
"""Messages whose section refers to that of another for what they share."""


@pytest.mark.parametrize("kind", get_args(AnyRequest) + get_args(AnyAnswer), ids=lambda kind: kind.__name__)
def test_every_field_is_explained(kind: type[msgspec.Struct]) -> None:
    tag = str(kind.__struct_config__.tag)
    text = section(SECTIONS[ANSWERED_IN.get(tag, tag)])
    text += section(SECTIONS[AS_BEFORE[tag]]) if tag in AS_BEFORE else ""

    missing = [name for name in kind.__struct_fields__ if name not in ("id", "holder") and f"`{name}`" not in text]
    assert missing == []


@pytest.mark.parametrize(
    ("kind", "title", "prefix"),
    [
        (Holder, "### login → granted", "holder."),
        (Suppose, "### check → checked", ""),
        (MoreLicenses, "### check → checked", ""),
        (HolderSeen, "### check → checked", ""),
        (ServerHere, "## Discovery", ""),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_every_field_within_a_field_is_explained(kind: type[msgspec.Struct], title: str, prefix: str) -> None:
    assert [name for name in kind.__struct_fields__ if f"`{prefix}{name}`" not in section(title)] == []


def test_limits_are_those_of_the_sources() -> None:
    text = section("## The conversation")

    assert f"less than\n{MAX_LINE_BYTES:,} bytes" in text
    assert MAX_BAD_MESSAGES == 16
    assert f"looks at {REQUESTS_A_TURN} of one connection" in text
    assert f"while {MAX_UNDER_WAY} of its requests are under way" in text
    assert (len(PROTOCOL_VERSIONS), max(PROTOCOL_VERSIONS)) == (1, 1)


CONVERSATION = ("wire", "seats", "server/desk.py", "server/checks.py", "server/rack.py")
"""Where a request on the license port is refused."""


def raised_in(*places: str) -> set[str]:
    """Every error code that stands in the sources of some places."""
    paths = [path for place in places for path in ([SOURCES / place] if place.endswith(".py") else sources_in(place))]
    return {code for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))) for code in codes_of(node)}


def sources_in(folder: str) -> list[Path]:
    return sorted((SOURCES / folder).rglob("*.py"))


def codes_of(node: ast.AST) -> Iterator[str]:
    """The code with which a call makes an error, or which the class of an error sets or has by default."""
    if isinstance(node, ast.FunctionDef) and node.name == "__init__":
        defaults = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        yield from (one.value for name, one in defaults if name.arg == "code" and one is not None and is_code(one))
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args[:1]
        if name == "__init__" or name.endswith("Error"):
            yield from (one.value for one in given if is_code(one))
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "self.code" and is_code(node.value):
        yield node.value.value


def is_code(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[a-z]+(_[a-z]+)+|replayed|interrupted|usage|forbidden", node.value) is not None
    )


def table_after(words: str) -> set[str]:
    """The codes in the first column of the table that follows some words."""
    text = section("## Error codes").partition(words)[2].split("\n\n")[1]
    return set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))


def test_every_code_of_the_conversation_is_in_the_table_and_no_other() -> None:
    assert table_after("What a server answers") == raised_in(*CONVERSATION)


def test_every_code_of_the_component_is_in_the_table_and_no_other() -> None:
    assert table_after("What the component") == raised_in("component") - raised_in("wire")


def test_every_other_code_is_named_in_the_document() -> None:
    missing = sorted(code for code in raised_in(".") if f"`{code}`" not in TEXT)

    assert missing == [], 'give each a line in docs/protocol.md, "Codes of commands and of the JSON API"'


def test_every_code_of_a_command_stands_in_the_sources() -> None:
    rows = re.findall(r"^\| (`.*?`) \|", section("### Codes of commands and of the JSON API"), re.MULTILINE)
    codes = set(re.findall(r"`([a-z_]+)`", " ".join(rows)))
    constants = {
        node.value
        for path in sources_in(".")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
    }

    assert len(codes) > 30
    assert codes - constants == set()
