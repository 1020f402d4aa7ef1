# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is installed in a release, as an installer leaves it."""

from pathlib import Path

from licserver.distribution.archive import Description, write_archive
from licserver.distribution.save import this_description


def install_by_hand(site: Path, name: str, version: str = "1.0", *, direct_url: str = "") -> Path:
    """A distribution with one module, a script, compiled code and the notes of an installer; returns its notes."""
    notes = site / f"{name}-{version}.dist-info"
    notes.mkdir(parents=True)
    files = {
        f"{name}.py": "print('здравствуй')\n",
        f"__pycache__/{name}.pyc": "compiled",
        f"../bin/{name}": "#!/opt/elsewhere/python",
        f"{notes.name}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{notes.name}/WHEEL": "Wheel-Version: 1.0\nTag: py2-none-any\nTag: py3-none-any\n",
        f"{notes.name}/entry_points.txt": f"[console_scripts]\n{name} = {name}:main\n",
        f"{notes.name}/INSTALLER": "pip\n",
        f"{notes.name}/direct_url.json": direct_url,
    }
    for path, text in files.items():
        file = site / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (notes / "RECORD").write_text("".join(f"{path},,\n" for path in [*files, f"{notes.name}/RECORD"]))
    return notes


def make_archive(path: Path, files: dict[str, bytes] | None = None, **changes: str) -> Path:
    """A small archive, of this computer or of another."""
    here = this_description()
    described = {"version": "9.9", "system": here.system, "python": here.python, "machine": here.machine, **changes}
    write_archive(path, Description(**described), {"a.txt": b"a", "folder/b.txt": b"b", **(files or {})})
    return path
