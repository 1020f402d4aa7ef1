# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The engine of ``config_template``: the wanted templates and the files on a desk say what to send and what to remove.

Files go by their path relative to the template folder, with ``/`` in it, and are compared by their SHA-256. It writes
nothing, so it serves on the target and on the controller alike. docs/specification.md, section 9.
"""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Protocol

from ansible_collections.protect.licensing.plugins.module_utils._product_places import Places
from ansible_collections.protect.licensing.plugins.module_utils._v8i import V8iError, V8iText

ARGUMENTS: dict[str, Any] = {
    "argument_spec": {
        "templates": {
            "type": "list",
            "elements": "dict",
            "required": True,
            "options": {
                "src": {"type": "str", "required": True},
                "vendor": {"type": "str", "required": True},
                "configuration": {"type": "str", "required": True},
                "version": {"type": "str", "required": True},
            },
        },
        "template_folder": {"type": "path"},
        "profiles": {"type": "list", "elements": "path"},
        "platform_folders": {"type": "list", "elements": "path"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    },
    "required_one_of": [("template_folder", "profiles")],
    "mutually_exclusive": [("template_folder", "profiles")],
}
"""The options of the module and what must hold between them."""

PLATFORM_DEPTH = 3
"""How many levels below a root installation folder the platform's program lies at most."""

Options = Mapping[str, Any]
Files = Mapping[str, "str | None"]
"""The checksums of files by their names, None where they were not asked for."""

_LOCATION = "ConfigurationTemplatesLocation"
_FOLDER_NAME = re.compile(r'[^<>:"/\\|?*\x00-\x1f]*[^<>:"/\\|?*\x00-\x1f. ]')


class Desk(Protocol):
    """What the engine asks of a desk. Whatever is wrong there is raised and let through."""

    def read(self, path: str) -> bytes | None:
        """The bytes of a file, None where there is none."""

    def find(self, folders: Sequence[str], below: Sequence[str], *, checksums: bool) -> Mapping[str, Files]:
        """The files of each template folder below some of its folders."""

    def has_program(self, folders: Sequence[str], program: str) -> bool:
        """Tell whether the program lies below one of the folders, at most :data:`PLATFORM_DEPTH` levels deep."""


@dataclass(frozen=True)
class FolderPlan:
    """What is to become of one template folder: files to send, and files and whole folders to remove."""

    path: str
    send: tuple[str, ...]
    remove: tuple[str, ...]
    diff: dict[str, str]

    @property
    def changed(self) -> bool:
        return bool(self.send or self.remove)


@dataclass(frozen=True)
class DeskPlan:
    """What is to become of the template folders of a desk, and why that cannot be done yet."""

    folders: Sequence[FolderPlan]
    problem: str | None

    def describe(self) -> dict[str, Any]:
        """The module's answer."""
        changed = [plan for plan in self.folders if plan.changed]
        return {
            "changed": bool(changed),
            "folders": [
                {"path": plan.path, "sent": list(plan.send), "removed": list(plan.remove)} for plan in self.folders
            ],
            "diff": [{"before_header": plan.path, "after_header": plan.path, **plan.diff} for plan in changed],
            **({} if self.problem is None else {"note": self.problem}),
        }


def plan_templates(options: Options, files: Files, places: Places, desk: Desk, *, check_mode: bool) -> DeskPlan:
    """Plan the desk's template folders from the module's options and the files of the templates.

    Raises :class:`ValueError`, also for a desk that lacks the platform, unless in check mode.
    """
    present = options["state"] == "present"
    below = [place_of(template) for template in options["templates"]]
    folders = template_folders(options, places, desk.read)
    found = desk.find(folders, below if present else _vendors(below), checksums=present)
    plan_folder = _plan_presence if present else _plan_removal
    plans = [plan_folder(folder, files, found[folder], places) for folder in folders]
    problem = _platform_problem(options, places, desk) if any(plan.send for plan in plans) else None
    if problem is not None and not check_mode:
        raise ValueError(problem)
    return DeskPlan(plans, problem)


def _vendors(below: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(place.split("/")[0] for place in below))


def _platform_problem(options: Options, places: Places, desk: Desk) -> str | None:
    folders = options["platform_folders"] or places.platform_folders
    if desk.has_program(folders, places.program):
        return None
    return (
        f"1C:Enterprise is not installed here: there is no {places.program} below {', '.join(folders)}. "
        "Install the platform first, or name its folder in platform_folders."
    )


def place_of(template: Options) -> str:
    """The folder of a template: vendor, configuration, version. Raises :class:`ValueError` for no name of a folder."""
    for option in ("vendor", "configuration", "version"):
        if _FOLDER_NAME.fullmatch(template[option]) is None:
            raise ValueError(f"templates: {option}: {template[option]!r} cannot be the name of a folder")
    return "/".join(template[option] for option in ("vendor", "configuration", "version"))


def is_manifest(name: str) -> bool:
    """Tell by its name whether a file of a template is a manifest."""
    return "/" not in name and posixpath.splitext(name)[1].lower() == ".mft"


def check_manifests(manifests: Mapping[str, bytes], names: Collection[str]) -> None:
    """Check that a template is whole: it has a manifest, and every file that a manifest names as its ``Source``.

    Raises :class:`ValueError`.
    """
    if not manifests:
        raise ValueError("there is no manifest (*.mft), without one 1C does not show a template")
    present = {name.lower() for name in names}
    for manifest, data in manifests.items():
        try:
            text = V8iText.parse(data)
            for section in text.sections:
                source = text.get(section, "Source")
                if source is not None and source.replace("\\", "/").lower() not in present:
                    line = text.line_of(section, "Source")
                    raise V8iError("this file is missing beside the manifest", line, section, "Source", source)
        except V8iError as error:
            raise ValueError(f"{manifest}: {error}") from None


def template_folders(options: Options, places: Places, read: Callable[[str], bytes | None]) -> list[str]:
    """The template folders of the desk, each once.

    Of a profile it is the first folder on this computer that its start settings name, else those for all users, else
    1C's default. ``read`` gives the bytes of a file, None where there is none. Raises :class:`ValueError`.
    """
    for option, values in (("template_folder", [options["template_folder"]]), ("profiles", options["profiles"])):
        for value in values or ():
            if value is not None and not places.path.isabs(value):
                raise ValueError(f"{option}: {value}: write the whole path, without variables")
    if options["template_folder"] is not None:
        return [options["template_folder"]]
    read_once = functools.cache(read)
    folders = [_folder_of(profile, places, read_once) for profile in options["profiles"]]
    return list({places.normal(folder): folder for folder in folders}.values())


def _folder_of(profile: str, places: Places, read: Callable[[str], bytes | None]) -> str:
    own = places.path.join(profile, places.user_settings)
    for settings in (own, places.common_settings):
        data = None if settings is None else read(settings)
        if data is None:
            continue
        try:
            locations = V8iText.parse(data).values(None, _LOCATION)
        except V8iError as error:
            raise ValueError(f"{settings}: {error}") from None
        for location in locations:
            if places.is_local(location):
                return location
    default: str = places.path.join(profile, places.user_templates)
    return default


def _plan_presence(folder: str, wanted: Files, found: Files, places: Places) -> FolderPlan:
    """Those of the wanted files that are missing or differ are sent."""
    held = {places.path.normcase(name): checksum for name, checksum in found.items()}
    before, after = {}, {}
    for name, checksum in wanted.items():
        key = places.path.normcase(name)
        if held.get(key) != checksum:
            after[name] = checksum
        if key in held and name in after:
            before[name] = held[key]
    return FolderPlan(folder, tuple(after), (), {"before": _listing(before), "after": _listing(after)})


def _plan_removal(folder: str, wanted: Files, found: Files, places: Places) -> FolderPlan:
    """Those of the wanted files that are there go, and with them whole folders in which nothing else is left."""
    names = {places.path.normcase(name) for name in wanted}
    gone = sorted(name for name in found if places.path.normcase(name) in names)
    staying = [name for name in found if name not in gone]
    remove = dict.fromkeys(_highest_emptied(name, staying, places) for name in gone)
    return FolderPlan(folder, (), tuple(remove), {"before": _listing(dict.fromkeys(gone)), "after": ""})


def _highest_emptied(name: str, staying: Collection[str], places: Places) -> str:
    """The highest folder of a file, below the template folder, that holds nothing of what stays; else the file."""
    parts = name.split("/")
    for depth in range(1, len(parts)):
        folder = "/".join(parts[:depth])
        prefix = places.path.normcase(f"{folder}/")
        if not any(places.path.normcase(other).startswith(prefix) for other in staying):
            return folder
    return name


def _listing(files: Files) -> str:
    return "".join(f"{name} {checksum or ''}".rstrip() + "\n" for name, checksum in sorted(files.items()))
