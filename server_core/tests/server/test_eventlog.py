# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the log of the system is told of events."""

import logging

import pytest

from server_core.tests.server.helpers import Office


def test_an_event_is_a_line_and_its_words_are_fields(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    office.event_log.note("released", lease="abc", user="Анна", counter=None)

    (record,) = caplog.records
    assert record.getMessage() == "released: lease abc, user Анна"
    fields = {"license_event": "released", "lease": "abc", "user": "Анна", "counter": None}
    assert record.__dict__["fields"] == fields


def test_an_alarm_is_a_warning(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    office.event_log.note("alarm", code="disk_full", subject="", message="the disk is full")

    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_what_happens_thousands_of_times_is_told_by_the_log_of_events_alone(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    office.event_log.note("granted", lease="abc")
    office.event_log.note("freed", lease="abc", by="logout")
    office.event_log.note("freed", lease="abc", by="lapse")

    assert [record.getMessage() for record in caplog.records] == ["freed: lease abc, by lapse"]


def test_what_a_client_sent_begins_no_line_of_its_own(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    office.event_log.note("denied", code="no_key", address="192.0.2.7", product="x\nERROR forged")

    assert "\n" not in caplog.records[0].getMessage()
