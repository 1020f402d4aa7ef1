#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A protected product, as small as can be: takes a license, works for a while, renews, and gives it back.

    python examples/product.py --kit kit.json --product retail --hold 30

A real product has the vendor's kit built in; this one reads it from a file.
"""

import argparse
import json
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from licserver.component import ConnectionLostError, HeldLicense, ProtectionComponent, read_client_settings
from licserver.errors import LicensingError
from licserver.kit import read_kit

RENEW_SECONDS = 2.0


def main() -> int:
    """Run the product; exit code 1 and the reason if it gets or keeps no license."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # on the way out the license is freed
    try:
        component = ProtectionComponent(
            options.product,
            read_kit(options.kit.read_bytes()),
            settings=read_client_settings(options.client_ini),
            user=options.user,
            computer=options.computer,
            session_number=options.session_number,
        )
        with component.acquire() as license:
            _show(options, license)
            _work(license, options.hold)
    except LicensingError as error:
        _say(
            options,
            {"error": {"code": error.code, "message": error.message, "hint": error.hint}},
            f"No license: {error}",
        )
        return 1
    return 0


def _work(license: HeldLicense, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, RENEW_SECONDS))  # here a real product works
        try:
            license.renew()
        except ConnectionLostError:
            if not license.seconds_left:
                raise


def _show(options: argparse.Namespace, license: HeldLicense) -> None:
    data = {"lease": license.lease, "key_number": license.key_number, "server": str(license.server)}
    _say(options, data, f"Licensed by the key {license.key_number} of the server at {license.server}.")


def _say(options: argparse.Namespace, data: Mapping[str, object], text: str) -> None:
    print(json.dumps(data) if options.json else text, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A protected product that takes a license and holds it for a while.")
    parser.add_argument("--kit", type=Path, required=True, help="the vendor's kit")
    parser.add_argument("--product", required=True, help="the product's name in its licenses")
    parser.add_argument("--client-ini", type=Path, help="where to look for the server (default: this computer's)")
    parser.add_argument("--user", help="the user's name (default: who runs this)")
    parser.add_argument("--computer", help="the computer's name (default: this one's)")
    parser.add_argument("--session-number", type=int, default=0, help="the 1C session number")
    parser.add_argument("--hold", type=float, default=0.0, help="for how many seconds to work (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
