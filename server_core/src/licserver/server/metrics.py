# SPDX-FileCopyrightText: 2026 The protect.licensing contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Prometheus reads at ``/metrics``. docs/monitoring.md.

Labels come from signed licenses and from the server's own codes, never from what a client says: nobody in the network
can make a server tell ever more series.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeHistogramMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from licserver.days import DAY_SECONDS
from licserver.server.eventlog import EventLog
from licserver.server.latencies import Latencies
from licserver.server.reports import Reports

CONTENT_TYPE = CONTENT_TYPE_LATEST
_AGES = (60, 600, 3600, 4 * 3600, 8 * 3600, DAY_SECONDS, 7 * DAY_SECONDS)
"""Bounds of the classes of ages, in seconds."""
_COUNTER_LABELS = ("product", "counter", "type", "key_number")


class Metrics:
    """The measures of one server."""

    def __init__(self, reports: Reports, events: EventLog, renewals: Latencies) -> None:
        self._reports = reports
        self._events = events
        self._renewals = renewals

    def look(self) -> "Snapshot":
        """What is so at this moment; called in the server's loop."""
        return Snapshot(
            server=self._reports.server(),
            keys=self._reports.keys(),
            leases=[(lease.state, lease.since) for lease in self._reports.desk.book.leases.values()],
            denials=dict(self._events.denials),
            alarms=Counter(alarm["code"] for alarm in self._reports.alarms.now()),
            renewals=self._renewals.up_to(),
            renewal_seconds=self._renewals.sum,
            now=self._reports.clock(),
            date=self._reports.journal.ledger.date(),
        )


@dataclass(frozen=True)
class Snapshot(Collector):
    """Measures as they were at one moment; may be written down in any thread.

    :ivar now: the time of day by the clock on the wall; ``date``: by one that cannot be turned back.
    """

    server: Mapping[str, Any]
    keys: list[dict[str, Any]]
    leases: list[tuple[str, int]]
    denials: Mapping[str, int]
    alarms: Mapping[str, int]
    renewals: list[tuple[float, int]]
    renewal_seconds: float
    now: float
    date: float

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return generate_latest(self)

    def collect(self) -> Iterable[Metric]:
        """Called by the library."""
        server = self.server
        yield InfoMetricFamily("licserver", "What runs", {name: server[name] for name in ("version", "server_id")})
        yield GaugeMetricFamily("licserver_start_time_seconds", "When it started, since 1970", server["started_at"])
        yield from self._of_licenses()
        yield from self._of_keys()
        yield from self._of_leases()
        denials = CounterMetricFamily(
            "licserver_denials", "Requests that were refused since the start", labels=["code"]
        )
        for code, count in sorted(self.denials.items()):
            denials.add_metric([code], count)
        yield denials
        yield HistogramMetricFamily(
            "licserver_renewal_seconds",
            "From the arrival of a renewal to its answer",
            buckets=_buckets(self.renewals),
            sum_value=self.renewal_seconds,
        )
        alarms = GaugeMetricFamily("licserver_alarms", "What an administrator has to see to", labels=["code"])
        for code, count in sorted(self.alarms.items()):
            alarms.add_metric([code], count)
        yield alarms
        if server["tls"] is not None:
            days = (server["tls"]["not_after"] - self.now) / DAY_SECONDS
            yield GaugeMetricFamily("licserver_tls_certificate_expiry_days", "Days until the certificate ends", days)

    def _of_licenses(self) -> Iterable[Metric]:
        limit = GaugeMetricFamily("licserver_licenses_limit", "Licenses of a counter of a key", labels=_COUNTER_LABELS)
        used = GaugeMetricFamily("licserver_licenses_used", "Licenses that are taken", labels=_COUNTER_LABELS)
        for key in (key for key in self.keys if key["use"] and key["state"] == "active"):
            for counter in key["counters"]:
                labels = [key["product"], counter["name"], counter["type"], key["key_number"]]
                limit.add_metric(labels, counter["limit"])
                used.add_metric(labels, counter["used"])
        return limit, used

    def _of_keys(self) -> Iterable[Metric]:
        working = GaugeMetricFamily("licserver_key_working", "1: the key works, 0: it is broken", labels=["key_number"])
        days = GaugeMetricFamily("licserver_key_expiry_days", "Days until a key expires", labels=["key_number"])
        for key in self.keys:
            working.add_metric([key["key_number"]], key["state"] == "active")
            if key.get("expires_at") is not None:
                days.add_metric([key["key_number"]], (key["expires_at"] - self.date) / DAY_SECONDS)
        return working, days

    def _of_leases(self) -> Iterable[Metric]:
        states = Counter(state for state, _ in self.leases)
        leases = GaugeMetricFamily("licserver_leases", "Licenses in use, by state", labels=["state"])
        for state in ("active", "blocked"):
            leases.add_metric([state], states[state])
        ages = Latencies(_AGES)
        for _, since in self.leases:
            ages.add(max(0.0, self.now - since))
        age = GaugeHistogramMetricFamily("licserver_lease_age_seconds", "How long licenses have been in use")
        age.add_metric([], buckets=_buckets(ages.up_to()), gsum_value=ages.sum)
        return leases, age


def _buckets(up_to: Iterable[tuple[float, int]]) -> list[tuple[str, float]]:
    return [("+Inf" if bound == float("inf") else str(float(bound)), count) for bound, count in up_to]
