# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that is killed before any step of any way of activation: the same command finishes it, for one PIN."""

from itertools import count
from pathlib import Path

import pytest

from server_core.tests.faults.site import WAYS, RealCenter, Site
from server_core.tests.faults.steps import killed_after


@pytest.mark.parametrize("way", WAYS)
def test_killed_before_any_step_the_same_command_finishes_it_for_one_pin(
    center: RealCenter, tmp_path: Path, way: str
) -> None:
    for at in range(len(WAYS[way])):
        steps = kill_everywhere(center, tmp_path / str(at), way, at)

        assert any("os.rename" in step for step in steps), steps


def kill_everywhere(center: RealCenter, folder: Path, way: str, at: int) -> list[str]:
    """Kill a server before the first step of the command number ``at`` of a way, before the second, and so on.

    :returns: the steps of the one that was not killed any more.
    """
    kid = center.kit["vendor_keys"][0]["kid"]
    for last in count():
        number, place = center.sell(), folder / str(last)
        place.mkdir(parents=True)
        site = Site(place, center)
        for step in WAYS[way][:at]:
            step.act(site, number, step.bring(site, number))
        step = WAYS[way][at]
        brought = step.bring(site, number)
        try:
            with killed_after(last, number, kid) as steps:
                step.act(site, number, brought)
        except BaseException:
            if not steps.ended:
                raise
        site.crash()
        if steps.ended:
            step.act(site, number, brought)
        for later in WAYS[way][at + 1 :]:
            later.act(site, number, later.bring(site, number))
        pack = way.startswith("pack")
        assert center.spent(number) == (1, pack), steps.taken
        assert site.state_of(number) == ("active", 5 if pack else 2, 0), steps.taken
        site.server.close()
        if not steps.ended:
            return steps.taken
    raise AssertionError("unreachable")
