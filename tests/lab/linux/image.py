# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Debian image that all hosts share, and the key that opens them: made once, kept, root only."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from ..system import run
from .plan import HOST_KEY_ALIAS, LOGIN_USER, hosts_file

SUITE = "bookworm"
PACKAGES = [
    *("systemd", "systemd-sysv", "udev", "dbus", "libpam-systemd", "procps", "iproute2", "ca-certificates"),
    *("openssh-server", "sudo", "python3", "python3-venv"),
]
UNITS_OFF = ["apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer", "fstrim.timer"]


@dataclass(frozen=True)
class Image:
    """A folder that holds the image and the key."""

    folder: Path

    @property
    def root(self) -> Path:
        return self.folder / "root"

    @property
    def key(self) -> Path:
        return self.folder / "key"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"


def image_of(lab: Path) -> Image:
    """Where the image lies under `lab`; its folder is named after the recipe, so that another recipe makes another."""
    recipe = Path(__file__).read_text(encoding="utf-8") + LOGIN_USER + hosts_file()
    return Image(lab / f"image-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}")


def make_image(lab: Path) -> Image:
    """Build the image from Debian's archive in place of older ones; a failure leaves none.

    Raises `LabError` when a step fails. No host may be running.
    """
    image, draft = image_of(lab), Image(lab / "image-draft")
    for old in lab.glob("image-*"):
        shutil.rmtree(old)
    draft.folder.mkdir(parents=True)
    run("mmdebstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", SUITE, draft.root)
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lab", "-f", draft.key)
    _customize(draft)
    draft.folder.rename(image.folder)
    return image


def _customize(image: Image) -> None:
    etc = image.root / "etc"
    (etc / "resolv.conf").unlink(missing_ok=True)
    (etc / "resolv.conf").touch()
    (etc / "hosts").write_text(hosts_file(), encoding="utf-8")
    (etc / f"sudoers.d/{LOGIN_USER}").write_text(f"{LOGIN_USER} ALL=(ALL) NOPASSWD: ALL\n", encoding="utf-8")
    run("chroot", image.root, "useradd", "--create-home", "--shell=/bin/bash", LOGIN_USER)
    home_ssh = f"/home/{LOGIN_USER}/.ssh"
    run("install", "-D", "-m", "600", image.key.with_suffix(".pub"), f"{image.root}{home_ssh}/authorized_keys")
    run("chroot", image.root, "chown", "-R", f"{LOGIN_USER}:", home_ssh)
    run("systemctl", f"--root={image.root}", "mask", *UNITS_OFF)
    host_key = (etc / "ssh/ssh_host_ed25519_key.pub").read_text(encoding="utf-8")
    image.known_hosts.write_text(f"{HOST_KEY_ALIAS} {host_key}", encoding="utf-8")
