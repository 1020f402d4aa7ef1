# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible sends through a shell, and what a Windows host does with it, without PowerShell.

ansible-core 2.19 starts `powershell -EncodedCommand` with a bootstrap script, whose standard input holds a manifest:
the scripts and the actions to run, in JSON. The last action is a module, which a player plays, or one of Ansible's own
small scripts (make a temporary folder, receive a file), which are played here.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ntpath
import re
import shutil
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from . import players
from .disk import HOME, PathError
from .played_host import PlayedHost
from .winrm.shells import Outcome

SEPARATOR = "\n\0\0\0\0\n"
CLIXML = '#< CLIXML\r\n<Objs Version="1.1.0.1" xmlns="http://schemas.microsoft.com/powershell/2004/04">{}</Objs>'


class RefusedError(Exception):
    """Something that the lab does not play."""


def run(host: PlayedHost, line: str, stdin: bytes) -> Outcome:
    """Play one command line that came through WinRM. What the lab does not play ends with exit code 1 and words why."""
    try:
        return _run(host, line, stdin.decode())
    except (RefusedError, PathError) as error:
        host.log(kind="refused", why=str(error))
        return _failure(f"{host.name}: {error}")
    except Exception:
        host.log(kind="broken", why=traceback.format_exc())
        return _failure(f"the lab is broken:\n{traceback.format_exc()}")


def reads_stdin(line: str) -> bool:
    """Whether what a command line starts reads its standard input; SSH does not tell whether any comes."""
    try:
        return "$input" in _script_in(line)
    except RefusedError:
        return False


def _script_in(line: str) -> str:
    match = re.fullmatch(r"(?i)powershell(?:\.exe)? .*-EncodedCommand (\S+)", line.strip())
    if not match:
        raise RefusedError(f"the lab has no shell for raw commands, only for modules: {line[:200]}")
    return base64.b64decode(match[1]).decode("utf-16-le")


def _run(host: PlayedHost, line: str, stdin: str) -> Outcome:
    script = _script_in(line)
    if not stdin:
        return _run_script(host, script)
    parts = stdin.split(SEPARATOR)
    if len(parts) < 2 or json.loads(parts[0])["name"] != "exec_wrapper":
        raise RefusedError("this is not the way that ansible-core 2.19 sends a module")
    manifest = json.loads(parts[1])
    *wrappers, action = manifest["actions"]
    if wrappers:
        raise RefusedError(
            f"the lab does not play {', '.join(wrapper['name'] for wrapper in wrappers)} (become, async)"
        )
    if action["name"] == "module_wrapper.ps1":
        return _run_module(host, manifest, action["params"])
    small_script = SMALL_SCRIPTS.get(action["name"])
    if small_script is None:
        raise RefusedError(f"the lab does not play {action['name']}")
    return small_script(host, action["params"], parts[2] if len(parts) > 2 else "")


def _run_script(host: PlayedHost, script: str) -> Outcome:
    match = re.search(r"^\s*Remove-Item '(.*)' -Force( -Recurse)?;", script, re.MULTILINE)
    if not match:
        raise RefusedError(f"the lab has no PowerShell: {script.strip()[:200]}")
    path = host.disk.local(match[1].replace("''", "'"))
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return Outcome()


def _run_module(host: PlayedHost, manifest: dict[str, Any], parameters: dict[str, Any]) -> Outcome:
    if not parameters.get("ForModule"):
        raise RefusedError("the lab has no PowerShell for the module `script`")
    script = parameters["Script"]
    name = Path(script).stem.removeprefix("ansible_collections.").replace(".plugins.modules.", ".")
    arguments = next(one["Value"] for one in parameters["Variables"] if one["Name"] == "complex_args")
    answer = players.play(
        host,
        players.Call(
            module=name,
            source=Path(manifest["scripts"][script]["path"]),
            options={key: value for key, value in arguments.items() if not key.startswith("_ansible_")},
            check=arguments["_ansible_check_mode"],
            diff=arguments["_ansible_diff"],
            variables=parameters.get("Environment") or {},
        ),
    )
    return Outcome(stdout=json.dumps(answer).encode() + b"\r\n", exit_code=1 if answer.get("failed") else 0)


def _make_folder(host: PlayedHost, parameters: dict[str, Any], _: str) -> Outcome:
    folder = host.disk.local(ntpath.join(host.disk.expand(parameters["Directory"]), parameters["Name"]))
    folder.mkdir(parents=True)
    return Outcome(stdout=f"{host.disk.windows(folder)}\r\n".encode())


def _expand_user(_: PlayedHost, parameters: dict[str, Any], __: str) -> Outcome:
    path = re.sub(r"^~(?=\\|$)", lambda _: HOME, parameters["Path"])
    return Outcome(stdout=f"{path}\r\n".encode())


def _receive_file(host: PlayedHost, parameters: dict[str, Any], lines: str) -> Outcome:
    content = b"".join(base64.b64decode(line) for line in lines.split("\r\n"))
    host.disk.local(parameters["Path"]).write_bytes(content)
    return Outcome(stdout=b'{"sha1":"%s"}\r\n' % hashlib.sha1(content).hexdigest().encode())


def _send_file(host: PlayedHost, parameters: dict[str, Any], _: str) -> Outcome:
    path = host.disk.local(parameters["Path"])
    if path.is_dir():
        return Outcome(stdout=b"[DIR]\r\n")
    if not path.exists():
        return _failure(f"{parameters['Path']} does not exist")
    with path.open("rb") as file:
        file.seek(parameters["Offset"])
        return Outcome(stdout=base64.b64encode(file.read(parameters["BufferSize"])) + b"\r\n")


def _failure(message: str) -> Outcome:
    lines = "".join(f'<S S="Error">{escape(line)}_x000D__x000A_</S>' for line in message.splitlines())
    return Outcome(stderr=CLIXML.format(lines).encode(), exit_code=1)


SMALL_SCRIPTS: dict[str, Callable[[PlayedHost, dict[str, Any], str], Outcome]] = {
    "powershell_mkdtemp.ps1": _make_folder,
    "powershell_expand_user.ps1": _expand_user,
    "winrm_put_file.ps1": _receive_file,
    "winrm_fetch_file.ps1": _send_file,
}
