# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No log leaves the computer with a secret in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licserver.server.scrubbing import LEFT_OUT, scrubbed

MARK = "Ki9-marked_Secret"


@pytest.mark.parametrize(
    "text",
    [
        f"password={MARK}",
        f"Password: {MARK}",
        f'{{"pin": "{MARK}", "kit": 1}}',
        f"'access_code': '{MARK} with spaces', x",
        f"web_password = {MARK}",
        f"Authorization: Basic {MARK}==",
        f"Cookie: a=b; session={MARK}",
        f"asked with Bearer {MARK}",
        f"the token protect_{MARK}{MARK} was used",
        f"user=scrypt$14$8$1${MARK}==${MARK}=",
        f"-----BEGIN EC PRIVATE KEY-----\n{MARK}\n-----END EC PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{MARK}\nand cut",
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str) -> None:
    done = scrubbed(f"before\n{text}\n")

    assert MARK not in done
    assert LEFT_OUT in done
    assert done.startswith("before\n")


@pytest.mark.parametrize(
    "text",
    [
        "settings_changed: names user, password, actor token, token nightly, actor_address 192.0.2.1",
        "tokens.json was damaged and lies aside",
        "denied: code wrong_access_code, reason no key has this access code",
        "the shown certificate is sha256:00ff",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert scrubbed(text) == text


@given(
    st.text(st.sampled_from("ab \n:=\"'-_;,")),
    st.sampled_from(["password", "TOKEN", "pin"]),
    st.sampled_from([":", "=", ": ", " = "]),
)
def test_nothing_around_a_secret_brings_it_back(around: str, name: str, sign: str) -> None:
    once = scrubbed(f"{around}\n{name}{sign}{MARK}{around}")

    assert MARK not in once
    assert MARK not in scrubbed(once)
