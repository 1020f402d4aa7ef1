# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a new release does with itself: its account, its ini, its service. The installation runs it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from licserver.cli._output import Answer, Parser, add_json_option, run
from licserver.distribution.install import this_home
from licserver.distribution.places import Places


def _set_up(argv: Sequence[str]) -> Answer:
    options = _options(argv)
    places = Places(options.install, options.ini, options.state)
    changed = this_home().set_up(places, options.version, network=options.network)
    return Answer({"changed": changed}, "It serves.")


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="licserver.distribution.set_up")
    add_json_option(parser)
    parser.add_argument("--version", required=True)
    parser.add_argument("--network", action="store_true")
    for place in ("--install", "--ini", "--state"):
        parser.add_argument(place, type=Path, required=True)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(run(_set_up, sys.argv[1:]))
