# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every gate, says in a line what each checks, and fails at the end naming those that failed.

`python tests/tools/lint.py` runs them all; names as arguments run only those. Started by `make lint`,
which builds the collection first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import ansible_test_tree

ROOT = Path(__file__).resolve().parents[2]
SOURCE_TREE = ROOT / "build" / "tree"
COLLECTION = SOURCE_TREE / "ansible_collections" / "protect" / "licensing"
MODULE_UTILS = "ansible_collections.protect.licensing.plugins"


@dataclass(frozen=True)
class Gate:
    name: str
    checks: str
    command: list[str]
    directory: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    beside: bool = False  # it takes so long that it runs beside the others


def typed_plugin_packages() -> list[str]:
    """The collection's own libraries; modules and plugins around them are thin and are left to ansible-test."""
    present = [name for name in ("module_utils", "plugin_utils") if (ROOT / "plugins" / name).is_dir()]
    return [argument for name in present for argument in ("-p", f"{MODULE_UTILS}.{name}")]


def gates() -> list[Gate]:
    source = {"ANSIBLE_COLLECTIONS_PATH": str(SOURCE_TREE)}
    tested = ansible_test_tree.COLLECTION
    alone = ansible_test_tree.environment()
    return [
        Gate("ruff", "Python: mistakes and habits", ["ruff", "check", "--quiet", "."]),
        Gate("ruff-format", "Python: layout", ["ruff", "format", "--check", "--quiet", "."]),
        Gate("mypy-payload", "types of the payload, strict", ["mypy", "server_core/src"]),
        Gate("mypy-collection", "types of the collection's libraries, strict", ["mypy", *typed_plugin_packages()]),
        Gate("yamllint", "YAML: layout", ["yamllint", "--strict", "."]),
        Gate(
            "ansible-lint",
            "roles and playbooks, profile production",
            ["ansible-lint", "-q", "--nocolor"],
            ROOT,
            source,
            beside=True,
        ),
        Gate(
            "antsibull-docs",
            "documentation of modules and roles",
            ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--validate-collection-refs=self", "."],
            COLLECTION,
            source,
        ),
        Gate("antsibull-changelog", "changelog fragments", ["antsibull-changelog", "lint"]),
        Gate("reuse", "a license and a copyright line for every file", ["reuse", "lint", "--lines"]),
        Gate(
            "ansible-test-sanity",
            "what Ansible asks of a collection, no test left out",
            ["ansible-test", "sanity", "--local", "--color", "no", "--python", ansible_test_tree.PYTHON],
            tested,
            alone,
        ),
        Gate(
            "ansible-test-units",
            "the collection's unit tests, as ansible-test runs them",
            ["ansible-test", "units", "--local", "--color", "no", "--python", ansible_test_tree.PYTHON],
            tested,
            alone,
        ),
    ]


def run(gate: Gate) -> bool:
    """Runs one gate; prints its line when it has ended, and its output when it failed."""
    started = time.monotonic()
    finished = subprocess.run(
        gate.command,
        cwd=gate.directory,
        env={**os.environ, **gate.environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    passed = finished.returncode == 0
    verdict = f"{'ok' if passed else 'FAILED'} ({time.monotonic() - started:.1f} s)"
    print(f"{gate.name:<20} {gate.checks}: {verdict}\n{'' if passed else finished.stdout}", end="", flush=True)
    return passed


def main(names: list[str]) -> int:
    known = [gate.name for gate in gates()]
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"No gate is named {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [gate for gate in gates() if not names or gate.name in names]
    if any(gate.directory == ansible_test_tree.COLLECTION for gate in chosen):
        ansible_test_tree.prepare()
    with ThreadPoolExecutor() as others:
        beside = [(gate, others.submit(run, gate)) for gate in chosen if gate.beside]
        failed = [gate.name for gate in chosen if not gate.beside and not run(gate)]
        failed += [gate.name for gate, passed in beside if not passed.result()]
    if failed:
        print(f"lint: {len(failed)} of {len(chosen)} failed: {', '.join(failed)}")
        return 1
    print(f"lint: all {len(chosen)} passed")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
