# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Exchanges request files for answer files at an activation center, as a person would on its page.

Standard library and ansible-core only. Proxies are those of the environment (``https_proxy``, ``no_proxy``).
docs/protocol.md, "Activation center".
"""

from __future__ import annotations

import contextlib
import http.client
import json
import tempfile
import urllib.error
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ansible.module_utils.urls import ConnectionError as UrlsError
from ansible.module_utils.urls import open_url

from ansible_collections.protect.licensing.plugins.module_utils._carried_files import MAX_FILE_BYTES
from ansible_collections.protect.licensing.plugins.module_utils._licctl import LicctlError

FINAL_REFUSALS = frozenset(
    {
        "already_activated",
        "foreign_request",
        "incomplete_facts",
        "key_expired",
        "other_computer",
        "pack_spent",
        "pin_spent",
        "pins_exhausted",
        "request_conflict",
        "wrong_counters",
        "wrong_password",
        "wrong_pin",
        "wrong_product",
    }
)
"""What a center decides about a request once and for all."""

REQUEST_SECONDS = 30


class CenterError(LicctlError):
    """The center refused a request, or gave no answer (code ``center_unreachable``)."""


@dataclass(frozen=True)
class Center:
    """Where it is, and the certificate authority in PEM that it is known by; None: the authorities of the system."""

    url: str
    authority: str | None = None


def center_of(kit: Mapping[str, Any], center_url: str | None) -> Center:
    """The center of a vendor's kit, at another address where one is given."""
    return Center(center_url or str(kit.get("center_url")), kit.get("center_ca"))


def exchange(center: Center, request: str) -> str:
    """The text of the answer file to the text of a request file.

    Raises :class:`CenterError`.
    """
    url = f"{center.url.rstrip('/')}/exchange"
    try:
        _check_address(center.url)
        with _authority_file(center.authority) as authority:
            response = open_url(
                url,
                data=request.encode(),
                headers={"Content-Type": "text/plain; charset=utf-8", "Accept": "text/plain"},
                method="POST",
                timeout=REQUEST_SECONDS,
                follow_redirects="none",
                ca_path=authority,
                use_netrc=False,
            )
            with response:
                answer: bytes = response.read(MAX_FILE_BYTES)
        return answer.decode()
    except urllib.error.HTTPError as error:
        raise _refusal(center.url, error) from None
    except (OSError, http.client.HTTPException, ValueError, UrlsError) as error:
        raise _unreachable(center.url, str(error) or type(error).__name__) from None


def _check_address(url: str) -> None:
    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("the address must begin with https://")


@contextlib.contextmanager
def _authority_file(authority: str | None) -> Iterator[str | None]:
    if authority is None:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem", encoding="utf-8") as file:
        file.write(authority)
        file.flush()
        yield file.name


def _refusal(url: str, response: urllib.error.HTTPError) -> CenterError:
    try:
        with response:
            refusal = json.loads(response.read(MAX_FILE_BYTES))["error"]
        code, message, hint = str(refusal["code"]), str(refusal["message"]), str(refusal.get("hint") or "")
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return _unreachable(url, f"it answered with HTTP status {response.code}")
    if response.code >= 500:
        return _unreachable(url, message)
    return CenterError(code, message, hint)


def _unreachable(url: str, problem: str) -> CenterError:
    return CenterError(
        "center_unreachable",
        f"the activation center {url} gave no answer: {problem}",
        "Check the address and the way to it, and run the same again: nothing is lost",
    )
