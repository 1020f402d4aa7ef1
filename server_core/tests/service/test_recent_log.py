# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last of the log, in memory."""

import logging

import pytest

from licserver.service.recent_log import RecentLog


def made(most: int = 1000) -> tuple[RecentLog, logging.Logger]:
    log, logger = RecentLog(most), logging.Logger("test")
    logger.addHandler(log)
    return log, logger


def test_it_has_what_was_said_with_its_traceback() -> None:
    log, logger = made()
    logger.warning("the disk of %s is full", "branch")
    try:
        raise ValueError("accident")
    except ValueError:
        logger.exception("failed")

    first, *others = log.text().splitlines()
    assert first.endswith("WARNING test: the disk of branch is full")
    assert others[-1] == "ValueError: accident"


def test_the_oldest_makes_room_for_the_newest() -> None:
    log, logger = made(most=200)
    for number in range(100):
        logger.error("entry %d", number)

    assert len(log.text()) <= 200
    assert log.text().splitlines()[-1].endswith("entry 99")


def test_an_entry_that_cannot_be_written_is_no_accident(capsys: pytest.CaptureFixture[str]) -> None:
    log, logger = made()
    logger.error("%d", "no number")

    assert log.text() == ""
    assert "no number" in capsys.readouterr().err
