# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The playbooks on a host that is a folder of this computer, with a license server that is played."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RunPlaybook = Callable[..., "subprocess.CompletedProcess[str]"]


def write_program(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


class Host:
    """A folder in the place of a host; ``variables`` say where things lie on it."""

    def __init__(self, folder: Path) -> None:
        self.install = folder / "opt"
        self.ini = folder / "licserver.ini"
        self.variables = {
            "ansible_connection": "local",
            "ansible_become": False,
            "ansible_python_interpreter": sys.executable,
            "license_server_install_dir": str(self.install),
            "license_server_config_path": str(self.ini),
            "license_server_state_dir": str(folder / "state"),
            "license_server_service_manager": "supervised",
            "license_server_payload": "files/protect_licensing-0.1.0-py3-none-any.whl",
            "license_server_version": "0.1.0",
        }

    def install_played_server(self, **server: object) -> None:
        """A release of which ``licctl info`` answers with this server."""
        release = self.install / "releases" / "0.1.0"
        described = {
            "version": "0.1.0",
            "restart_needed": False,
            "reload_needed": False,
            "process": 0,
            "started_at": 1,
            **server,
        }
        info = {"installed_version": "0.1.0", "running": True, "problem": None, "server": described, "keys": []}
        write_program(release / "bin" / "licctl", f"echo '{json.dumps({**info, 'connections': 0})}'")
        write_program(release / "bin" / "supervisorctl", "echo no socket; exit 4")
        write_program(release / "bin" / "python", f'exec "{sys.executable}" "$@"')
        (release / ".complete").touch()
        (self.install / "current").symlink_to("releases/0.1.0")


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path / "host")


@pytest.fixture
def run_playbook(host: Host, tmp_path: Path) -> RunPlaybook:
    """Run a playbook of the collection in a folder where ``files`` holds the files of the control node."""
    folder = tmp_path / "control"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "protect_licensing-0.1.0-py3-none-any.whl").touch()
    (folder / "files" / "junk.tar.gz").write_text("junk")

    def run(name: str, *options: str, group: str = "license_servers", **variables: Any) -> Any:
        inventory = {group: {"hosts": {"branch": {**host.variables, **variables}}}}
        (folder / "inventory.json").write_text(json.dumps(inventory))
        return subprocess.run(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                "--inventory=inventory.json",
                name if name.endswith(".yml") else f"protect.licensing.{name}",
                *options,
            ],
            cwd=folder,
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "tree"),
                "ANSIBLE_HOME": str(tmp_path / "ansible"),
                "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
                "ANSIBLE_NOCOLOR": "1",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_template_lies_where_the_operator_is(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    (tmp_path / "control" / "ours.j2").write_text("; ours\nport={{ license_server_port }}\n")
    answer = run_playbook("site", "--check", "--diff", license_server_ini_template="ours.j2")
    assert (answer.returncode, "+; ours" in answer.stdout) == (0, True), answer.stdout


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"license_server_wheelhouse": "files/none.tar.gz"}, "There is no wheelhouse {}/files/none.tar.gz"),
        ({"license_server_wheelhouse": "files/junk.tar.gz"}, "{}/files/junk.tar.gz is not a whole wheelhouse"),
        ({"license_server_payload": "files/x-0.1.0-x.whl"}, "There is no payload {}/files/x-0.1.0-x.whl"),
        (
            {"soft_keys_kit": "files/none.json", "soft_keys_keys": [{"key_number": "100-0001", "pin": "1"}]},
            "soft_keys_kit: there is no {}/files/none.json",
        ),
        ({"license_server_port": 70000}, "port: 70000: not a number from 1 to 65535"),
        ({"license_server_ini_template": "none.j2"}, "{}/none.j2"),
        ({"license_server_tls_key_source": "files/junk.tar.gz"}, "tls/key.pem: stands there without TLSCertificate"),
        (
            {
                "license_server_tls_certificate_source": "files/junk.tar.gz",
                "license_server_tls_key_source": "files/none",
            },
            "{}/files/none",
        ),
    ],
)
def test_a_check_of_a_bare_host_foresees_what_cannot_be(
    run_playbook: RunPlaybook, tmp_path: Path, variables: dict[str, Any], message: str
) -> None:
    answer = run_playbook("site", "--check", **variables)
    assert (answer.returncode, message.format(tmp_path / "control") in answer.stdout) == (2, True), answer.stdout


def test_wrong_settings_are_found_before_anything_is_installed(run_playbook: RunPlaybook, host: Host) -> None:
    answer = run_playbook("site", license_server_bind_address="branch")
    assert "bind_address: branch: not an IP address" in answer.stdout
    assert not host.install.exists()


def test_a_private_key_is_announced_and_never_shown(run_playbook: RunPlaybook, tmp_path: Path) -> None:
    (tmp_path / "control" / "files" / "own.pem").write_text("canary")
    own = {f"license_server_tls_{name}_source": "files/own.pem" for name in ("certificate", "key")}
    answer = run_playbook("site", "--check", "--diff", **own)
    announced = "changed: [branch] => (item=" in answer.stdout.partition("Bring the certificate and its private key")[2]
    assert (announced, "tls/key.pem" in answer.stdout, "canary" in answer.stdout) == (True, True, False), answer.stdout


@pytest.mark.parametrize("check", [True, False])
def test_kits_of_hardware_keys_are_given_to_the_server(
    run_playbook: RunPlaybook, host: Host, tmp_path: Path, check: bool
) -> None:
    host.install_played_server()
    program, folder = host.install / "current" / "bin" / "licctl", tmp_path / "control"
    heard = f"cat > {tmp_path}/heard; echo $* > {tmp_path}/words; echo '{{\"changed\": true}}'"
    write_program(program, heard)
    (folder / "files" / "kit.json").write_text('{"vendor": "Поставщик"}', encoding="utf-8")
    role = {"name": "protect.licensing.license_server", "tasks_from": "kits"}
    play = {"hosts": "license_servers", "gather_facts": False, "tasks": [{"ansible.builtin.include_role": role}]}
    (folder / "kits.yml").write_text(json.dumps([play]))

    answer = run_playbook("kits.yml", *["--check"] * check, license_server_kits=["files/kit.json"])

    assert (answer.returncode, "changed=1" in answer.stdout) == (0, True), answer.stdout
    assert json.loads((tmp_path / "heard").read_text()) == {"vendor": "Поставщик"}
    assert (tmp_path / "words").read_text().endswith("kit add --check -\n" if check else "kit add -\n")


@pytest.mark.parametrize("options", [[], ["-e", "rollback_to="]])
def test_a_rollback_needs_the_name_of_a_release(run_playbook: RunPlaybook, options: list[str]) -> None:
    answer = run_playbook("rollback", "--check", *options)
    assert (answer.returncode, "Name the release to go back to" in answer.stdout) == (2, True), answer.stdout


def test_a_rollback_goes_to_the_release_that_was_named(run_playbook: RunPlaybook) -> None:
    answer = run_playbook("rollback", "--check", "-e", "rollback_to=0.0.9", license_server_version="0.1.0")
    assert "is not of release 0.0.9" in answer.stdout


@pytest.mark.parametrize("restart_needed", [False, True])
def test_a_server_that_runs_with_an_older_ini_is_restarted(
    run_playbook: RunPlaybook, host: Host, restart_needed: bool
) -> None:
    host.install_played_server(restart_needed=restart_needed)
    host.ini.write_text("Local=0\n")
    host.ini.chmod(0o640)
    answer = run_playbook("drift", "--check")
    assert ("would be started or restarted" in answer.stdout) is restart_needed, answer.stdout


@pytest.mark.parametrize(("answered", "restarted"), [([], False), (["port"], True)])
def test_a_server_that_can_take_over_its_ini_is_restarted_for_what_it_cannot(
    run_playbook: RunPlaybook, host: Host, answered: list[str], restarted: bool
) -> None:
    host.install_played_server(reload_needed=True)
    info = host.install / "current" / "bin" / "licctl"
    answer = json.dumps({"changed": True, "applied": ["IdleTime"], "restart_needed": answered})
    write_program(
        info, info.read_text().replace("#!/bin/sh\n", f"case \"$*\" in *reload) echo '{answer}'; exit;; esac\n")
    )
    done = run_playbook("drift")
    assert ("Have the server take over its settings" in done.stdout) is True, done.stdout
    assert ("Start or restart the service" in done.stdout) is restarted, done.stdout


def test_uninstall_ends_what_a_dead_supervisor_left(run_playbook: RunPlaybook, host: Host) -> None:
    with subprocess.Popen(["sleep", "600"]) as orphan:
        host.install_played_server(process=orphan.pid)
        answer = run_playbook("uninstall")
        ended = orphan.poll() is not None
        orphan.kill()
    assert (answer.returncode, ended, host.install.exists()) == (0, True, False), answer.stdout


@pytest.mark.parametrize(("name", "value"), [("port", 0), ("port", 70000), ("host", "a b"), ("host", "http://a")])
def test_a_center_that_cannot_listen_is_refused_first(run_playbook: RunPlaybook, name: str, value: object) -> None:
    variables = {"activation_center_name": "Vendor", "activation_center_url": "https://center.example.com"}
    answer = run_playbook(
        "site", "--check", group="activation_center", **variables, **{f"activation_center_{name}": value}
    )
    assert f"activation_center_{name}: {value} " in answer.stdout


def test_a_wheelhouse_that_cannot_be_written_is_refused_before_anything_is_downloaded(
    run_playbook: RunPlaybook, tmp_path: Path
) -> None:
    answer = run_playbook("wheelhouse", "-e", "wheelhouse_dest=files", "-e", "wheelhouse_payload=files/p.whl")
    assert "There is no payload" in answer.stdout
    payload = "files/protect_licensing-0.1.0-py3-none-any.whl"
    answer = run_playbook("wheelhouse", "-e", "wheelhouse_dest=files", "-e", f"wheelhouse_payload={payload}")
    assert f"{tmp_path}/control/files cannot be written" in answer.stdout
    assert "Download the wheels" not in answer.stdout


def test_options_of_keys_are_asked_for_only_where_they_are_declared(run_playbook: RunPlaybook, host: Host) -> None:
    answer = run_playbook("site", "--check", soft_keys_keys=[{"key_number": "100-0001", "pin": "1"}])
    assert "skipping: [branch]" in answer.stdout.partition("Have its access code")[2], answer.stdout
    keys = [{"key_number": "100-0001", "pin": "1", "access_code": "canary", "use": True}]
    answer = run_playbook("site", "--check", "--diff", soft_keys_keys=keys)
    declared = answer.stdout.partition("Have its access code")[2]
    assert ('"access_code": "(set)"' in declared, "canary" in answer.stdout) == (True, False), answer.stdout


def test_connections_are_listed_and_disconnected(run_playbook: RunPlaybook, host: Host) -> None:
    anna = {
        **{"lease": "abc", "user": "anna", "computer": "pc1", "product": "retail", "type": "session"},
        **{"key_number": "100-0001", "state": "active", "seconds": 5},
    }
    host.install_played_server()
    answers = json.dumps({"changed": True, "released": 1, "connections": [anna]})
    write_program(host.install / "current" / "bin" / "licctl", f"echo '{answers}'; cat > {host.install}/asked")
    answer = run_playbook("connections", "-e", "connections_user=anna")
    assert "anna on pc1: retail, session, key 100-0001, active, for 5 s" in answer.stdout
    answer = run_playbook("connections", "-e", "connections_user=anna", "-e", "connections_release=true")
    assert (answer.returncode, "changed=1" in answer.stdout) == (0, True), answer.stdout
    assert json.loads((host.install / "asked").read_text()) == {"user": "anna"}


def test_everybody_is_disconnected_only_where_that_is_said(run_playbook: RunPlaybook, host: Host) -> None:
    host.install_played_server()
    answer = run_playbook("connections", "-e", "connections_release=true")
    assert (answer.returncode, "say whom to disconnect" in answer.stdout) == (2, True), answer.stdout
