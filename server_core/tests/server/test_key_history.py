# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in the history of a key."""

from typing import Any

import pytest

from licserver.server.web.pages.keys import is_about


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        ({"kind": "key_changed", "key_number": "100-0001"}, True),
        ({"kind": "alarm", "code": "key_expiring", "subject": "100-0001"}, True),
        ({"kind": "denied", "reason": "the key 100-0001 has expired"}, True),
        ({"kind": "denied", "reason": "it had expired: the key 100-0001."}, True),
        ({"kind": "key_changed", "key_number": "100-00012"}, False),
        ({"kind": "denied", "reason": "the key 100-0001.2 has expired"}, False),
        ({"kind": "denied", "reason": "no key for it", "user": "100-0001"}, False),
    ],
)
def test_it_tells_of_that_key_only(event: dict[str, Any], expected: bool) -> None:
    assert is_about(event, "100-0001") is expected
