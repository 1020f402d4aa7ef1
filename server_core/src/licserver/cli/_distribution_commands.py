# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``licctl distribution``: save the server of this computer, and install it on another.

Standard library only: an installation begins before any library is there.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

from licserver.cli._output import Answer
from licserver.system import this_system


def add_distribution_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add them to those of ``licctl``."""
    distribution = commands.add_parser("distribution", help="the server in one file, for computers without internet")
    verbs = distribution.add_subparsers(required=True, metavar="DISTRIBUTION_COMMAND")
    save = verbs.add_parser("save", help="save the server of this computer")
    save.add_argument("file", type=Path, metavar="FILE", help="a .tar.gz, on Windows a .zip")
    save.set_defaults(carry_out=_save)
    install = verbs.add_parser("install", help="install a saved server here; needs administrator rights")
    install.add_argument("source", type=Path, metavar="FILE", help="what was saved, or the folder it was unpacked to")
    install.add_argument("--network", action="store_true", help="a first ini lets other computers in")
    install.add_argument(
        "--install-dir", type=Path, default=this_system().install_path, help="where it goes (default: %(default)s)"
    )
    install.set_defaults(carry_out=_install)


def _save(arguments: argparse.Namespace) -> Answer:
    from licserver.distribution.save import save

    description = save(arguments.file)
    data = {"changed": True, "path": str(arguments.file), "version": description.version}
    where = f"{arguments.file}, release {description.version}"
    return Answer(data, f"The distribution lies in {where}. README.txt in it says how to install it elsewhere.")


def _install(arguments: argparse.Namespace) -> Answer:
    from licserver.distribution.install import install, this_home
    from licserver.distribution.places import Places

    def say(text: str) -> None:
        if not arguments.json:
            print(text, file=sys.stderr, flush=True)

    places = Places(arguments.install_dir, arguments.ini, arguments.state)
    data = install(arguments.source, places, network=arguments.network, home=this_home(), say=say)
    done = f"Release {data['version']} of the license server is installed and serves."
    return Answer(data, done if data["changed"] else f"Release {data['version']} was installed and served already.")
