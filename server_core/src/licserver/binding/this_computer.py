# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that knows which system this is."""

from licserver.binding import FactReader


def fact_reader() -> FactReader:
    """The reader for the computer this runs on."""
    from licserver.binding.linux import LinuxFacts

    return LinuxFacts()
