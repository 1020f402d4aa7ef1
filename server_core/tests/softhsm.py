# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens of SoftHSM 2, a real PKCS#11 library, that a test plugs in and out."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from licserver import cryptoki
from licserver.documents import License, seal
from licserver.keys.hardware_key import APPLICATION, Place, TokenContent, Tokens
from licserver.sealing import encode_public
from server_core.tests.helpers import KEY, Computer, Vendor

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "canary-4711"


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for tokens. The library reads its settings once in the life of a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    settings = f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(settings)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        yield folder


def init_token(label: str) -> None:
    """Make a token of that label, with the PIN :data:`PIN`."""
    words = ["--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]
    subprocess.run(["softhsm2-util", *words], check=True, env=os.environ, capture_output=True)
    with cryptoki.library(MODULE, anew=True):  # so that the library of this process knows it
        pass


@dataclass
class Stick:
    """A token in somebody's hand."""

    folder: Path
    label: str = field(default_factory=lambda: f"stick-{secrets.token_hex(4)}")

    def __post_init__(self) -> None:
        before = set((self.folder / "tokens").iterdir())
        init_token(self.label)
        (self._path,) = set((self.folder / "tokens").iterdir()) - before

    def unplug(self) -> None:
        self._path = self._path.rename(self.folder / self._path.name)

    def plug(self) -> None:
        self._path = self._path.rename(self.folder / "tokens" / self._path.name)

    def destroy(self) -> None:
        with cryptoki.library(MODULE):  # while no server looks at it
            shutil.rmtree(self._path)

    def tokens(self, pin: str | None = None) -> Tokens:
        return Tokens(MODULE, pin)

    def content(self) -> TokenContent:
        """What lies on it."""
        return next(one for one in self.tokens().read() if one.place.label == self.label)

    def place(self) -> Place:
        return self.content().place

    def issue(
        self, vendor: Vendor, key_number: str = KEY, *counters: Any, needs_login: bool = False, **changes: Any
    ) -> License:
        """Make a hardware key of it, as a vendor does."""
        tokens = self.tokens(PIN)
        place, public = tokens.prepare(self.label, needs_login=needs_login)
        pending = vendor.request(Computer(), key_number)
        changes = {"key_public": encode_public(public), "facts": {}, "reactivation": "never", **changes}
        license = vendor.answer(pending, *counters, **changes)
        tokens.write(place, key_number, seal(license, vendor.signer))
        return license

    def put(self, text: str) -> None:
        """Lay another license beside what is there: as an update that was interrupted, or a copy, leaves it."""
        from pkcs11 import Attribute, ObjectClass

        content = {
            Attribute.CLASS: ObjectClass.DATA,
            Attribute.TOKEN: True,
            Attribute.PRIVATE: False,
            Attribute.APPLICATION: APPLICATION,
            Attribute.LABEL: KEY,
            Attribute.VALUE: text.encode(),
        }
        with cryptoki.library(MODULE, anew=True) as library:
            token = library.get_token(token_label=self.label)
            with cryptoki.open_session(token, writable=True) as session:
                session.create_object(content)


@pytest.fixture
def new_stick(softhsm: Path) -> Iterator[Callable[[], Stick]]:
    """Makes tokens, which are plugged in until the test is over."""
    made: list[Stick] = []

    def make() -> Stick:
        made.append(Stick(softhsm))
        return made[-1]

    yield make
    for stick in made:
        stick.destroy()


@pytest.fixture
def stick(new_stick: Callable[[], Stick]) -> Stick:
    """A token that is plugged in."""
    return new_stick()
