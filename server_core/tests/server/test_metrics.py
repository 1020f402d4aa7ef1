# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus reads. docs/monitoring.md."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from licserver.remarks import Remark
from server_core.tests.helpers import KEY, PRODUCT, Computer, Vendor
from server_core.tests.running import ServerThread, refusal
from server_core.tests.server.helpers import basic

MakeServer = Callable[..., ServerThread]
DOCUMENT = Path(__file__).parents[3] / "docs" / "monitoring.md"


def scrape(server: ServerThread, **headers: str) -> dict[str, Metric]:
    """The metrics of a server by their names."""
    status, text = server.http("GET", "/metrics", **headers)
    assert status == 200
    return {family.name: family for family in text_string_to_metric_families(text)}


def value(metric: Metric, name: str | None = None, **labels: str) -> float:
    """The one sample that has these labels."""
    (found,) = [
        sample.value
        for sample in metric.samples
        if sample.name == (name or metric.name) and labels.items() <= sample.labels.items()
    ]
    return found


def test_licenses_are_told_by_product_counter_and_key(server: ServerThread) -> None:
    with server.client() as client:
        client.take()

        metrics = scrape(server)

    labels = {"product": PRODUCT, "counter": "main", "type": "session", "key_number": KEY}
    assert value(metrics["licserver_licenses_limit"], **labels) == 2
    assert value(metrics["licserver_licenses_used"], **labels) == 1
    assert value(metrics["licserver_leases"], state="active") == 1
    assert value(metrics["licserver_lease_age_seconds_gcount"]) == 1


def test_denials_are_counted_by_code(server: ServerThread) -> None:
    with server.client() as client:
        client.hello()
        codes = [refusal(client.login(product="other")) for _ in range(2)]

    assert codes == ["no_key"] * 2
    assert value(scrape(server)["licserver_denials"], "licserver_denials_total", code="no_key") == 2


def test_what_a_client_says_never_becomes_a_label(server: ServerThread) -> None:
    with server.client() as client:
        client.hello()
        client.login("canary-user", product="canary-product", counter="canary-counter")

    assert "canary" not in str(server.http("GET", "/metrics"))


def test_renewals_are_timed(server: ServerThread) -> None:
    with server.client() as client:
        client.take()
        client.renew()
        client.renew()

    metric = scrape(server)["licserver_renewal_seconds"]
    assert value(metric, "licserver_renewal_seconds_count") == 2
    assert value(metric, "licserver_renewal_seconds_bucket", le="1.0") == 2
    assert 0 < value(metric, "licserver_renewal_seconds_sum") < 1


def test_a_key_that_expires_tells_its_days(make_server: MakeServer, vendor: Vendor, computer: Computer) -> None:
    server = make_server()
    expires_at = int(time.time()) + 10 * 86400
    vendor.install(server.state, computer, expires_at=expires_at)

    metrics = scrape(server.start())

    assert 9.9 < value(metrics["licserver_key_expiry_days"], key_number=KEY) < 10.1
    assert value(metrics["licserver_key_working"], key_number=KEY) == 1


def test_alarms_are_told_until_they_end(server: ServerThread) -> None:
    server.server.alarms.tell("disk_full", Remark("disk_full", "the disk is full"), "state")
    during = scrape(server)
    server.server.alarms.tell("disk_full", None, "state")

    assert value(during["licserver_alarms"], code="disk_full") == 1
    assert scrape(server)["licserver_alarms"].samples == []


def test_the_end_of_the_certificate_is_told_with_tls_only(server: ServerThread, make_server: MakeServer) -> None:
    encrypted = make_server("encrypted", TLS=1).start()

    assert value(scrape(encrypted)["licserver_tls_certificate_expiry_days"]) > 365_000
    assert "licserver_tls_certificate_expiry_days" not in scrape(server)


def test_who_may_not_read_the_page_may_not_read_the_measures(closed: ServerThread) -> None:
    assert closed.http("GET", "/metrics")[0] == 401
    assert scrape(closed, **basic("Админ", "пароль"))


@pytest.mark.skipif(not DOCUMENT.exists(), reason="only the source tree has the documents")
def test_every_measure_is_documented_and_every_documented_one_is_there(make_server: MakeServer) -> None:
    text = make_server(TLS=1).start().http("GET", "/metrics")[1]
    told = set(re.findall(r"^# TYPE (\w+)", text, re.MULTILINE))
    documented = set(re.findall(r"^\| `(licserver\w*)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))

    assert {name for name in told if not name.endswith(("_gcount", "_gsum"))} == documented
