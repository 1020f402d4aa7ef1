# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's signing key at rest: open, under a passphrase, or on a token (SoftHSM 2, a real PKCS#11 library)."""

import json
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from licserver.center.foundation import initialize, open_center
from licserver.center.issuing import Issuer
from licserver.center.passphrase import Passphrase
from licserver.center.settings import Settings
from licserver.center.token import TokenError, TokenKey, TokenSigner, generate_key
from licserver.cli.liccenter import main
from licserver.kit import Kit, read_kit
from licserver.licenses import open_license
from server_core.tests.center.helpers import KEY, NOW, PINS, SERVER, make_request
from server_core.tests.center.running import serving, strict_context
from server_core.tests.processes import command
from server_core.tests.softhsm import MODULE as SOFTHSM
from server_core.tests.softhsm import PIN, init_token

PASSPHRASE = "canary correct horse"
CATALOG = {
    "products": [
        {
            **{"product": "retail", "name": "R", "phone": True},
            "counters": [{"name": "main", "type": "session", "limit": 5}],
        }
    ],
    "keys": [{"key_number": KEY, "product": "retail", "pins": list(PINS)}],
}


@dataclass
class Vendor:
    """A vendor at a shell, with a center and files for passphrases."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def directory(self) -> Path:
        return self.folder / "center"

    def beside(self) -> "Vendor":
        """Another vendor."""
        folder = self.folder / "other"
        folder.mkdir()
        return Vendor(folder, self.capsys)

    def secret(self, word: str, name: str = "secret", mode: int = 0o600) -> Path:
        path = self.folder / name
        path.write_text(f"{word}\n")
        path.chmod(mode)
        return path

    def run(self, *words: str | Path, secret: Path | None = None) -> Any:
        given = ["--passphrase-file", secret] if secret else []
        main(list(map(str, ["--json", "--dir", self.directory, *given, *words])))
        shown = self.capsys.readouterr()
        assert "canary" not in shown.out + shown.err
        return json.loads(shown.out)

    def init(self, *words: str | Path, secret: Path | None = None) -> Any:
        done = self.run("init", "--name", "Vendor", "--url", "https://127.0.0.1:15443", *words, secret=secret)
        assert "error" not in done, done
        return done

    def refused(self, *words: str | Path, secret: Path | None = None) -> str:
        code: str = self.run(*words, secret=secret)["error"]["code"]
        return code

    def sell(self) -> Kit:
        """Let the center know a key; the vendor's kit."""
        self.run("apply", "--catalog", self.secret(json.dumps(CATALOG), "catalog.json"))
        return read_kit(json.dumps(self.run("kit")))

    def answers(self, secret: Path) -> bool:
        """Whether the center answers an activation with a license that is believed."""
        kit = self.sell()
        with open_center(self.directory, Passphrase(secret)) as center:
            answer = Issuer(center.database, center.authority, "Vendor").answer(
                make_request(kit.exchange_public(), PINS[0]), SERVER
            )
        return open_license(answer, kit).key_number == KEY

    def serves(self, secret: Path) -> bool:
        """The same over HTTPS, of a center that is started as systemd starts it."""
        kit, credentials = self.sell(), self.folder / "credentials"
        credentials.mkdir()
        (credentials / "vendor-passphrase").write_bytes(secret.read_bytes())
        environment = {"CREDENTIALS_DIRECTORY": str(credentials)}
        request = make_request(kit.exchange_public(), PINS[0])
        with serving(self.directory, environment=environment) as center:
            answer = httpx.post(f"{center.url()}/api/v1/activations", content=request, verify=strict_context(kit))
        return open_license(answer.raise_for_status().text, kit).key_number == KEY


@pytest.fixture
def vendor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Vendor:
    return Vendor(tmp_path, capsys)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a center whose key is under :data:`PASSPHRASE`."""
    folder = tmp_path_factory.mktemp("closed")
    word = folder / "word"
    word.touch(0o600)
    word.write_text(PASSPHRASE)
    settings = Settings(name="Vendor", url="https://127.0.0.1:15443")
    initialize(folder / "center", settings, None, now=NOW, passphrase=Passphrase(word))
    return folder / "center"


@pytest.fixture
def encrypted(vendor: Vendor, closed: Path) -> Vendor:
    """A vendor with a center whose key is under :data:`PASSPHRASE`."""
    shutil.copytree(closed, vendor.directory)
    return vendor


@pytest.fixture(scope="module")
def vendor_token(softhsm: Path) -> None:
    """A token for keys of vendors."""
    init_token("vendor keys")


@pytest.fixture
def token(vendor_token: None) -> list[str]:
    """The words that name a key on the token that is not there yet."""
    return ["--token", "vendor keys", "--token-module", SOFTHSM, "--token-key", secrets.token_hex(4)]


def test_a_new_key_is_kept_under_the_passphrase_and_answers_activations(vendor: Vendor) -> None:
    secret = vendor.secret(PASSPHRASE)

    assert vendor.init(secret=secret)["vendor_key"] == "encrypted"

    shown = ["openssl", "asn1parse", "-in", str(vendor.directory / "vendor.key")]
    assert f":{600_000:06X}" in subprocess.run(shown, check=True, capture_output=True, text=True).stdout
    assert vendor.serves(secret)


def test_what_signs_nothing_needs_no_passphrase(encrypted: Vendor) -> None:
    encrypted.sell()
    assert encrypted.run("key", "list")["keys"][0]["key_number"] == KEY
    assert encrypted.run("vendor-key", "show")["vendor_key"] == "encrypted"
    assert encrypted.run("init")["changed"] is False


@pytest.mark.parametrize(
    ("words", "word", "mode", "code"),
    [
        (("serve",), None, 0, "passphrase_needed"),
        (("kit", "--phone-keys", "all"), None, 0, "passphrase_needed"),
        (("serve",), "wrong", 0o600, "wrong_passphrase"),
        (("serve",), PASSPHRASE, 0o644, "passphrase_exposed"),
        (("serve",), "", 0o600, "passphrase_needed"),
    ],
)
def test_without_the_passphrase_nothing_is_signed(
    encrypted: Vendor, words: tuple[str, ...], word: str | None, mode: int, code: str
) -> None:
    encrypted.sell()

    assert encrypted.refused(*words, secret=None if word is None else encrypted.secret(word, "given", mode)) == code


def test_an_open_key_is_put_under_a_passphrase_and_stays_the_same(vendor: Vendor) -> None:
    before = vendor.init()
    secret = vendor.secret(PASSPHRASE)

    after = vendor.run("vendor-key", "encrypt", "--new-passphrase-file", secret)

    assert (before["vendor_key"], after["vendor_key"]) == ("open", "encrypted")
    assert before["vendor_key_id"] == after["vendor_key_id"]
    assert vendor.answers(secret)


def test_the_passphrase_is_changed_by_whoever_knows_it(encrypted: Vendor) -> None:
    vendor = encrypted
    old, new = vendor.secret(PASSPHRASE, "old"), vendor.secret("canary battery staple", "new")

    assert vendor.refused("vendor-key", "encrypt", "--new-passphrase-file", new) == "passphrase_needed"
    assert vendor.run("vendor-key", "encrypt", "--new-passphrase-file", new, secret=old)["vendor_key"] == "encrypted"
    assert vendor.refused("serve", secret=old) == "wrong_passphrase"
    assert vendor.answers(new)


def test_without_a_new_passphrase_the_key_stays_as_it_is(vendor: Vendor) -> None:
    vendor.init()

    assert vendor.refused("vendor-key", "encrypt") == "passphrase_needed"
    assert vendor.run("vendor-key", "show")["vendor_key"] == "open"


def test_a_key_made_on_a_token_answers_activations_and_lies_in_no_file(vendor: Vendor, token: list[str]) -> None:
    secret = vendor.secret(PIN)

    assert vendor.init(*token, secret=secret)["vendor_key"] == "token"

    assert not (vendor.directory / "vendor.key").exists()
    assert vendor.serves(secret)


def test_a_token_signs_tickets_too(vendor: Vendor, token: list[str]) -> None:
    secret = vendor.secret(PIN)
    vendor.init(*token, secret=secret)
    vendor.sell()

    assert list(read_kit(json.dumps(vendor.run("kit", "--phone-keys", KEY, secret=secret))).tickets) == [KEY]


def test_a_key_is_put_on_a_token_and_stays_the_same(vendor: Vendor, token: list[str]) -> None:
    before = vendor.init()
    secret = vendor.secret(PIN)

    after = vendor.run("vendor-key", "to-token", *token, "--token-pin-file", secret)

    assert (after["vendor_key"], after["vendor_key_id"]) == ("token", before["vendor_key_id"])
    assert not (vendor.directory / "vendor.key").exists()
    assert vendor.answers(secret)
    assert vendor.refused("vendor-key", "encrypt", secret=secret) == "key_on_token"


def test_another_key_of_that_label_is_not_taken_for_the_centers(vendor: Vendor, token: list[str]) -> None:
    secret = vendor.secret(PIN)
    vendor.init(*token, secret=secret)
    other = vendor.beside()
    other.init()

    assert other.refused("vendor-key", "to-token", *token, "--token-pin-file", secret) == "key_exists"
    assert other.run("vendor-key", "show")["vendor_key"] == "open"


def test_a_wrong_pin_and_a_token_that_is_away_are_named(vendor: Vendor, token: list[str]) -> None:
    vendor.init(*token, secret=vendor.secret(PIN))
    place = vendor.directory / "vendor.token.json"

    wrong = vendor.secret("wrong", "wrong")  # a process of its own: this one is logged in to the token already
    refused = command("liccenter", "--dir", vendor.directory, "--passphrase-file", wrong, "serve")
    assert "its PIN is wrong" in refused.stderr
    place.write_text(place.read_text().replace("vendor keys", "other"))
    assert "no token has that label" in vendor.run("serve", secret=vendor.secret(PIN))["error"]["message"]


def test_a_token_that_was_away_for_a_moment_is_logged_in_to_again(vendor: Vendor, token: list[str]) -> None:
    place = TokenKey(module=SOFTHSM, token="vendor keys", key=token[-1])
    generate_key(place, PIN)
    signer = TokenSigner(place, PIN)
    signer._session.close()

    signer.public_key().verify(signer.sign(b"data"), b"data")


def test_while_the_token_is_away_no_pin_is_spent_and_later_the_same_request_is_answered(
    vendor: Vendor, token: list[str], softhsm: Path
) -> None:
    secret = vendor.secret(PIN)
    vendor.init(*token, secret=secret)
    request = make_request(vendor.sell().exchange_public(), PINS[0])
    with open_center(vendor.directory, Passphrase(secret)) as center:
        issuer, signer = Issuer(center.database, center.authority, "Vendor"), center.authority.vendor.open()
        assert isinstance(signer, TokenSigner)
        signer._session.close()
        (softhsm / "tokens").rename(softhsm / "away")
        try:
            with pytest.raises(TokenError):
                issuer.answer(request, SERVER)
        finally:
            (softhsm / "away").rename(softhsm / "tokens")
        assert vendor.run("key", "list")["keys"][0]["pins_spent"] == 0
        assert issuer.answer(request, SERVER)
    assert vendor.run("key", "list")["keys"][0]["pins_spent"] == 1


@pytest.mark.parametrize("module", ["libsofthsm2.so", "/nowhere/lib.so"])
def test_a_library_must_be_named_whole(vendor: Vendor, module: str) -> None:
    vendor.init()
    words = ["--token", "x", "--token-module", module, "--token-pin-file", vendor.secret(PIN)]

    assert vendor.refused("vendor-key", "to-token", *words) == "token_unusable"


@pytest.mark.parametrize("name", ["vendor.pub", "vendor.key"])
@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PUBLIC KEY-----\n"])
def test_a_damaged_file_is_named_and_never_made_anew(encrypted: Vendor, name: str, content: bytes | None) -> None:
    path = encrypted.directory / name
    path.unlink() if content is None else path.write_bytes(content)

    error = encrypted.run("serve", secret=encrypted.secret(PASSPHRASE))["error"]

    assert (error["code"], name in error["message"]) == ("authority_unusable", True)


def test_a_public_key_of_another_center_does_not_pass(encrypted: Vendor) -> None:
    secret, other = encrypted.secret(PASSPHRASE), encrypted.beside()
    other.init(secret=secret)
    (encrypted.directory / "vendor.pub").write_bytes((other.directory / "vendor.pub").read_bytes())

    assert encrypted.refused("serve", secret=secret) == "authority_unusable"
