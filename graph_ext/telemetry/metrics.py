"""Prometheus metrics of every hub in this process, at the Jupyter server's own ``/metrics``.

Read when they are asked for: nothing is done per command. Names follow the Prometheus naming
conventions (https://prometheus.io/docs/practices/naming/). Wired by extension.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from prometheus_client import REGISTRY
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from graph_ext.hub.hub import Hub
from graph_ext.hub.tally import Tally
from graph_ext.telemetry.stalls import BOUNDS_S, Stalls

__all__ = ["show", "withdraw"]


class _Hubs(Collector):
    """Collects from all hubs of the process, their figures added up."""

    def __init__(self) -> None:
        # each with the monitor of its loop, and what tells how much waits for its clients
        self.shown: dict[Hub, tuple[Stalls, Callable[[], int]]] = {}

    def collect(self) -> Iterator[Metric]:
        hubs, tallies = list(self.shown), [hub.tally for hub in self.shown]
        sessions = [session for hub in hubs for session in hub.open_sessions]
        yield GaugeMetricFamily(
            "graph_ext_sessions_open", "Sessions in memory", value=len(sessions)
        )
        clients = sum(len(session.clients) for session in sessions)
        yield GaugeMetricFamily("graph_ext_clients", "Clients in sessions", value=clients)
        lag = max((hub.broadcaster.lag() for hub in hubs), default=0)
        yield GaugeMetricFamily(
            "graph_ext_lag_revs", "Revs by which the slowest client is behind", value=lag
        )
        in_flight = max((in_flight() for _, in_flight in self.shown.values()), default=0)
        yield GaugeMetricFamily(
            "graph_ext_in_flight_bytes_max",
            "What waits to be taken by the client for whom most waits",
            value=in_flight,
        )
        yield CounterMetricFamily(
            "graph_ext_commits", "Durable commits", value=sum(each.commits for each in tallies)
        )
        yield CounterMetricFamily(
            "graph_ext_events",
            "Events of durable commits",
            value=sum(each.changes for each in tallies),
        )
        refusals = CounterMetricFamily(
            "graph_ext_refusals", "Refused commands by code", labels=["code"]
        )
        for code, count in sum((each.refusals for each in tallies), Counter[str]()).items():
            refusals.add_metric([code], count)
        yield refusals
        yield _writes(tallies)
        yield _stalls([stalls for stalls, _ in self.shown.values()])
        failures = sum(sum(hub.broadcaster.failures.values()) for hub in hubs)
        yield CounterMetricFamily(
            "graph_ext_subscriber_failures", "Callbacks of subscribers that raised", value=failures
        )


def _writes(tallies: list[Tally]) -> Metric:
    return _histogram(
        "graph_ext_write_seconds",
        "How long transactions took, until they were durable",
        Tally.WRITE_BOUNDS_S,
        [tally.writes_within for tally in tallies],
        sum(tally.writes for tally in tallies),
        sum(tally.write_s for tally in tallies),
    )


def _stalls(monitors: list[Stalls]) -> Metric:
    return _histogram(
        "graph_ext_loop_stall_seconds",
        "For how long the event loop was held, looked at ten times a second",
        BOUNDS_S,
        [monitor.within for monitor in monitors],
        sum(monitor.count for monitor in monitors),
        sum(monitor.held_s for monitor in monitors),
    )


def _histogram(  # noqa: PLR0913, PLR0917 - what a histogram is made of
    name: str,
    help_text: str,
    bounds: tuple[float, ...],
    within: list[list[int]],
    count: int,
    total: float,
) -> Metric:
    buckets = [
        (str(bound), float(sum(each[index] for each in within)))
        for index, bound in enumerate(bounds)
    ]
    buckets.append(("+Inf", float(count)))
    return HistogramMetricFamily(name, help_text, buckets=buckets, sum_value=total)


_hubs = _Hubs()


def show(hub: Hub, stalls: Stalls, in_flight_bytes: Callable[[], int]) -> None:
    """Count a hub in; ``in_flight_bytes`` tells the most that waits for any of its clients."""
    if not _hubs.shown:
        REGISTRY.register(_hubs)
    _hubs.shown[hub] = (stalls, in_flight_bytes)


def withdraw(hub: Hub) -> None:
    """Count a hub no more; one that was not shown is no error."""
    if _hubs.shown.pop(hub, None) is not None and not _hubs.shown:
        REGISTRY.unregister(_hubs)
