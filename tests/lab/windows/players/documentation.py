# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules' own documentation says: which options there are, and what an answer holds.

It lies beside each PowerShell module of a collection, as a .yml file or as the constants of a .py file. The files are
those of the Ansible that sent the module.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

ALWAYS_ALLOWED = {
    "changed": bool,
    "failed": bool,
    "skipped": bool,
    "msg": str,
    "diff": dict,
    "exception": str,
    "invocation": dict,
    "warnings": list,
}
TYPES: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "list": (list,),
    "dict": (dict,),
    "complex": (dict, list),
}


class OptionsError(Exception):
    """Options that the module would refuse."""


@dataclass(frozen=True)
class Documentation:
    """The documentation of one module; `strict_options` when the module itself checks what it is given."""

    options: dict[str, Any]
    answer: dict[str, Any]

    def check_options(self, given: dict[str, Any]) -> dict[str, Any]:
        """The options with their types, and defaults for those left out.

        Raises `OptionsError` naming what the module does not have or take.
        """
        result = ArgumentSpecValidator(_specification(self.options)).validate(given)
        if result.error_messages:
            raise OptionsError("; ".join(_in_full(message) for message in result.error_messages))
        known: dict[str, Any] = result.validated_parameters
        return {name: known[name] for name in self.options if name in known}

    def default(self, option: str) -> Any:
        return self.options[option].get("default")

    def problems_of(self, answer: dict[str, Any], left_out: frozenset[str]) -> list[str]:
        """What an answer holds that is not documented, and what it lacks though the documentation promises it.

        `left_out` are keys that the module does not answer with, whatever its documentation says.
        """
        problems = [
            problem
            for key, value in answer.items()
            if key not in ALWAYS_ALLOWED
            for problem in _problems(key, value, self.answer.get(key))
        ]
        problems += [
            f"{key} is {type(answer[key]).__name__}"
            for key, kind in ALWAYS_ALLOWED.items()
            if key in answer and not isinstance(answer[key], kind)
        ]
        if not answer.get("failed") and not answer.get("skipped"):
            promised = {key for key, field in self.answer.items() if field.get("returned") in ("always", "success")}
            problems += [f"{key} is promised" for key in sorted(promised - answer.keys() - left_out)]
        return problems


@functools.cache
def documentation_of(source: Path) -> Documentation:
    """The documentation of the module whose PowerShell lies at `source`."""
    texts = _texts(source)
    described = yaml.safe_load(texts["DOCUMENTATION"])
    options: dict[str, Any] = {}
    for fragment in described.get("extends_documentation_fragment", []):
        options |= _fragment_options(source, fragment)
    options |= described.get("options") or {}
    return Documentation(options, yaml.safe_load(texts.get("RETURN") or "{}") or {})


@functools.cache
def reports_invocation(source: Path) -> bool:
    """Whether the module is built on Ansible.Basic, which answers with the options that it was given."""
    return b"CSharpUtil Ansible.Basic" in source.read_bytes()


def _in_full(message: str) -> str:
    return f"Unsupported parameters: {message}" if "Supported parameters include" in message else message


def _texts(source: Path) -> dict[str, str]:
    sidecar = source.with_suffix(".yml")
    if sidecar.exists():
        sections = yaml.safe_load(sidecar.read_text(encoding="utf-8"))
        return {name: yaml.safe_dump(section) for name, section in sections.items() if section is not None}
    return _constants(ast.parse(source.with_suffix(".py").read_text(encoding="utf-8")).body)


def _constants(body: list[ast.stmt]) -> dict[str, str]:
    return {
        target.id: ast.literal_eval(statement.value)
        for statement in body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and isinstance(statement.value, ast.Constant)
    }


def _fragment_options(source: Path, fragment: str) -> dict[str, Any]:
    file = source.parents[1] / "doc_fragments" / f"{fragment.rsplit('.', 1)[-1]}.py"
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ClassDef):
            text = _constants(statement.body)["DOCUMENTATION"]
            options: dict[str, Any] = yaml.safe_load(text)["options"]
            return options
    return {}


def _specification(options: dict[str, Any]) -> dict[str, Any]:
    specification = {}
    for name, option in options.items():
        entry = {key: option[key] for key in ("required", "choices", "aliases", "elements", "default") if key in option}
        kind = option.get("type", "str")
        entry["type"] = "str" if kind == "path" else kind  # as a path it would be taken for one of Linux
        if entry.get("elements") == "path":
            entry["elements"] = "str"
        if option.get("suboptions"):
            entry["options"] = _specification(option["suboptions"])
        specification[name] = entry
    return specification


def _problems(key: str, value: Any, field: dict[str, Any] | None) -> list[str]:
    if field is None:
        return [f"{key} is not documented"]
    if value is None:
        return []
    if not isinstance(value, TYPES[field["type"]]):
        return [f"{key} is {type(value).__name__}, documented is {field['type']}"]
    inner: dict[str, Any] = field.get("contains") or {}
    parts: list[Any] = value if isinstance(value, list) else [value]
    return [
        problem
        for one in (parts if inner else [])
        for name, part in one.items()
        for problem in _problems(f"{key}.{name}", part, inner.get(name))
    ]
