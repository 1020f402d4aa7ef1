# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes secrets out of a log before it leaves the computer. Pure.

The server writes none into its log. This is for what others wrote there, and for what nobody thought of.
"""

import re

LEFT_OUT = "[left out]"
_NAMES = "password|passwd|passphrase|secret|token|pin|access_code"
_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), LEFT_OUT),
    (re.compile(r"\bscrypt\$[^\s\"']+"), LEFT_OUT),
    (re.compile(r"\bprotect_[\w-]{16,}"), LEFT_OUT),
    (re.compile(r"(?i)\b(authorization|cookie)([\"']? ?[:=] ?).*"), rf"\1\2{LEFT_OUT}"),
    (re.compile(r"(?i)\b(basic|bearer) +[\w+/=.~-]{6,}"), rf"\1 {LEFT_OUT}"),
    (
        re.compile(rf"(?i)({_NAMES})([\"']? ?[:=] ?)(?!\[left out\])(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s,;\"']+)"),
        rf"\1\2{LEFT_OUT}",
    ),
)


def scrubbed(text: str) -> str:
    """The text without what looks like a secret: private keys, sealed credentials, tokens, and whatever follows a word
    such as ``password=``."""
    for secret, instead in _SECRETS:
        text = secret.sub(instead, text)
    return text
