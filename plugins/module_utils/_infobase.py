# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``infobase``: the wanted infobases and the bytes of the lists on a desk give the planned files.

It writes nothing, and reads through the function it is given, so it serves on the target and on the controller alike.
docs/specification.md, section 9.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Callable

from ansible_collections.protect.licensing.plugins.module_utils._connection_string import (
    format_connection,
    hide_passwords,
    is_same_connection,
    parse_connection,
)
from ansible_collections.protect.licensing.plugins.module_utils._file_plan import FilePlan
from ansible_collections.protect.licensing.plugins.module_utils._product_places import Places
from ansible_collections.protect.licensing.plugins.module_utils._v8i import V8iError, V8iText

ARGUMENTS: dict[str, Any] = {
    "argument_spec": {
        "infobases": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "name": {"type": "str", "required": True},
                "file": {"type": "str"},
                "server": {"type": "str"},
                "reference": {"type": "str"},
                "web": {"type": "str"},
                "connect": {"type": "str"},
                "folder": {"type": "str"},
                "order": {"type": "float"},
                "keys": {"type": "dict", "default": {}, "no_log": False},
            },
            "mutually_exclusive": [("file", "server", "web", "connect")],
            "required_together": [("server", "reference")],
        },
        "paths": {"type": "list", "elements": "path"},
        "profiles": {"type": "list", "elements": "path"},
        "common_list": {"type": "path"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    "required_one_of": [("paths", "profiles", "common_list")],
    "mutually_exclusive": [("paths", "profiles"), ("paths", "common_list")],
}
"""The options of the module and what must hold between them."""

Options = Mapping[str, Any]
Read = Callable[[str], "bytes | None"]

_REGISTRATION = "CommonInfoBases"
_WITH_AN_OPTION = {"connect": "connect", "folder": "folder", "orderinlist": "order", "orderintree": "order"}

_SHOWN = {"id": "ID", "connect": "Connect", "folder": "Folder"}


def plan_infobases(options: Options, places: Places, read: Read) -> dict[str, FilePlan]:
    """Plan every file of the desk by its path: the lists, and the start settings that must name a common list.

    ``read`` gives the bytes of a file, None where there is none. Raises :class:`ValueError` that names the file, and
    what else is wrong; what ``read`` raises is let through.
    """
    infobases = _checked(options["infobases"])
    plans = {}
    for path in _lists(options, places):
        data = read(path)
        with _naming(path):
            plans[path] = _plan_list(data, infobases, options["state"], path, places)
    for path in _settings(options, places):
        data = read(path)
        with _naming(path):
            plans[path] = _plan_settings(data, options["common_list"], places)
    return plans


def describe(plans: Mapping[str, FilePlan]) -> dict[str, Any]:
    """The module's answer about the planned files."""
    changed = [path for path, plan in plans.items() if plan.changed]
    return {
        "changed": bool(changed),
        "lists": [
            {"path": path, "changed": plan.changed, "infobases": plan.settings["infobases"]}
            for path, plan in plans.items()
            if "infobases" in plan.settings
        ],
        "diff": [{"before_header": path, "after_header": path, **plans[path].diff} for path in changed],
    }


def _lists(options: Options, places: Places) -> list[str]:
    if options["common_list"] is not None:
        return [options["common_list"]]
    profiles = [places.path.join(profile, places.user_list) for profile in options["profiles"] or ()]
    return _each_once([*profiles, *(options["paths"] or ())], places)


def _settings(options: Options, places: Places) -> list[str]:
    if options["common_list"] is None or options["state"] == "absent":
        return []
    if not places.path.isabs(options["common_list"]) or "%" in options["common_list"]:
        raise ValueError(f"common_list: {options['common_list']}: write the whole path, without variables")
    if options["profiles"] is not None:
        profiles = [places.path.join(profile, places.user_settings) for profile in options["profiles"]]
        return _each_once(profiles, places)
    if places.common_settings is None:
        raise ValueError("common_list: 1C has no settings for all users of this system, name the users by profiles")
    return [places.common_settings]


def _each_once(paths: Iterable[str], places: Places) -> list[str]:
    return list({places.normal(path): path for path in paths}.values())


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Within it what is wrong is told with the file's name."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}. No file was changed.") from None


def _checked(infobases: Sequence[Options]) -> list[tuple[str, dict[str, str]]]:
    """The names of the wanted infobases, and of each the declared keys."""
    declared: dict[str, dict[str, str]] = {}
    for infobase in infobases:
        name = infobase["name"]
        if name in declared:
            raise ValueError(f"infobases: {name} is declared twice")
        try:
            declared[name] = _declared_keys(infobase)
        except ValueError as error:
            raise ValueError(f"infobases: {name}: {error}") from None
    return list(declared.items())


def _declared_keys(infobase: Options) -> dict[str, str]:
    declared = {}
    connection = _connection(infobase)
    if connection is not None:
        declared["Connect"] = connection
    if infobase["order"] is not None:
        declared["OrderInList"] = declared["OrderInTree"] = f"{infobase['order']:.15g}"
    if infobase["folder"] is not None:
        if not infobase["folder"].startswith("/"):
            raise ValueError(f"folder: {infobase['folder']!r} does not begin with a slash")
        declared["Folder"] = infobase["folder"]
    for key, value in infobase["keys"].items():
        if key.lower() in _WITH_AN_OPTION:
            raise ValueError(f"keys: {key} has an option of its own, {_WITH_AN_OPTION[key.lower()]}")
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ValueError(f"keys: {key}={value}: write the value in quotes")
        declared[key] = str(value)
    return declared


def _connection(infobase: Options) -> str | None:
    if infobase["file"] is not None:
        return format_connection(File=infobase["file"])
    if infobase["server"] is not None:
        return format_connection(Srvr=infobase["server"], Ref=infobase["reference"])
    if infobase["web"] is not None:
        return format_connection(ws=infobase["web"])
    connect: str | None = infobase["connect"]
    if connect is not None:
        try:
            parts = parse_connection(connect)
        except ValueError as error:
            raise ValueError(f"connect: {error}") from None
        if "pwd" in parts:
            raise ValueError("connect: a password has no place in a list of infobases, leave Pwd out")
    return connect


def _plan_list(
    current: bytes | None,
    infobases: Sequence[tuple[str, dict[str, str]]],
    state: str,
    path: str,
    places: Places,
) -> FilePlan:
    text = V8iText.parse(current or places.new_list, places.line_end)
    before = text.to_text()
    for name, declared in infobases:
        if state == "absent":
            text.remove(name)
        else:
            _apply(text, name, declared, path)
    held = [_shown(text, name) for name, _declared in infobases if name in text.sections]
    return _plan(current, before, text, {"infobases": held})


def _apply(text: V8iText, name: str, declared: Mapping[str, str], path: str) -> None:
    added = name not in text.sections
    if added and "Connect" not in declared:
        problem = "the list does not hold this infobase yet, say where it is with file, server, web or connect"
        raise V8iError(problem, None, name)
    identity = {} if text.get(name, "ID") else {"ID": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{path}#{name}"))}
    defaults = {"Connect": "", **identity, "Folder": "/"} if added else identity
    wanted = {**defaults, **declared}
    if "Connect" in wanted and is_same_connection(text.get(name, "Connect") or "", wanted["Connect"]):
        del wanted["Connect"]
    for key, value in wanted.items():
        if text.get(name, key) != value:
            text.set(name, key, value)


def _plan_settings(current: bytes | None, common_list: str, places: Places) -> FilePlan:
    text = V8iText.parse(current or places.new_settings, places.line_end)
    before = text.to_text()
    if not any(places.is_same(value, common_list) for value in text.values(None, _REGISTRATION)):
        text.add(None, _REGISTRATION, common_list)
    return _plan(current, before, text, {})


def _plan(current: bytes | None, before: str, text: V8iText, settings: dict[str, object]) -> FilePlan:
    after = current if text.to_text() == before else text.to_bytes()
    return FilePlan(
        current, after, {"before": hide_passwords(before), "after": hide_passwords(text.to_text())}, settings
    )


def _shown(text: V8iText, name: str) -> dict[str, str]:
    """What a list says of an infobase."""
    shown = {field: text.get(name, key) or "" for field, key in _SHOWN.items()}
    return {"name": name, **shown, "connect": hide_passwords(shown["connect"])}
