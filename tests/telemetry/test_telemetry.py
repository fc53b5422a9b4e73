"""What operators are told: /metrics, jupyter_events, the log. Nothing of what people typed."""

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from graph_ext.hub.ports import LogEntry
from graph_ext.hub.tally import Tally
from graph_ext.telemetry.reporter import COMMITS_SCHEMA, SESSIONS_SCHEMA
from graph_ext.telemetry.stalls import Stalls
from tests.transports.conftest import Peer, Server, create

SECRETS = ("Ada-types-this", "a-property-of-hers", "the-name-of-the-plan")


async def metrics(server: Server) -> dict[str, float]:
    """Every sample of ours, by its name and labels."""
    text = (await server.fetch("metrics")).body.decode()
    return {
        sample.name + "".join(f" {key}={value}" for key, value in sample.labels.items()): (
            sample.value
        )
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("graph_ext_")
    }


async def work(server: Server) -> tuple[Peer, str]:
    """Somebody who has made three commits and been refused once."""
    session_id = await server.session(SECRETS[2])
    ada = await server.connect()
    await ada.join(session_id, "ada")
    for command_id, node_id in (("k1", "a"), ("k2", "b")):
        await ada.command(session_id, command_id, **create(node_id, **{SECRETS[1]: SECRETS[0]}))
    refused = await ada.command(session_id, "k3", **create("a"))
    assert refused["code"] == "DUPLICATE_ID"
    await ada.command(session_id, "k4", type="undo")
    return ada, session_id


async def test_metrics_count_what_was_done(server: Server) -> None:
    before = await metrics(server)
    ada, _ = await work(server)
    found = await metrics(server)
    assert found["graph_ext_sessions_open"] == found["graph_ext_clients"] == 1
    assert found["graph_ext_commits_total"] - before["graph_ext_commits_total"] == 3
    assert found["graph_ext_events_total"] - before["graph_ext_events_total"] == 3
    assert found["graph_ext_refusals_total code=DUPLICATE_ID"] == 1
    assert found["graph_ext_write_seconds_count"] == found["graph_ext_write_seconds_bucket le=+Inf"]
    assert found["graph_ext_write_seconds_count"] >= 1
    assert found["graph_ext_lag_revs"] == 0
    await ada.close()
    assert (await metrics(server))["graph_ext_clients"] == 0


@pytest.fixture
def told(server: Server) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """What comes through jupyter_events, each with its schema."""
    found: list[tuple[str, dict[str, Any]]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        found.append((schema_id, data))

    logger = server.app.event_logger
    assert logger is not None
    for schema_id in (COMMITS_SCHEMA, SESSIONS_SCHEMA):
        logger.add_listener(schema_id=schema_id, listener=listen)
    yield found
    for schema_id in (COMMITS_SCHEMA, SESSIONS_SCHEMA):
        logger.remove_listener(schema_id=schema_id, listener=listen)


async def test_jupyter_events_tell_of_commits_and_comings_with_their_schemas(
    server: Server, told: list[tuple[str, dict[str, Any]]]
) -> None:
    ada, session_id = await work(server)
    await ada.close()
    extension = server.app.extension_manager.extension_apps["graph_ext"]
    reporter = next(iter(extension))._reporter
    reporter.report()
    assert server.app.event_logger is not None
    await server.app.event_logger.gather_listeners()
    commits = [data for schema_id, data in told if schema_id == COMMITS_SCHEMA]
    assert sum(data["commits"] for data in commits) == 3
    assert (commits[0]["first_rev"], commits[-1]["last_rev"]) == (1, 3)
    assert sum(data["undone"] for data in commits) == 1
    assert commits[0]["actors"][0]["actor_id"] == "client:ada"
    actions = [data["action"] for schema_id, data in told if schema_id == SESSIONS_SCHEMA]
    assert actions == ["opened", "connected", "disconnected"]
    assert all(data["session_id"] == session_id for _, data in told)
    assert not [secret for secret in SECRETS if secret in str(told)]


async def test_the_log_has_ids_and_numbers_and_nothing_that_somebody_typed(
    server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ada, session_id = await work(server)
    await ada.raw('{"type": "command", "command": {"' + SECRETS[1] + '": "' + SECRETS[0])
    assert (await ada.read())["code"] == "BAD_MESSAGE"
    await ada.close()
    next(iter(server.app.extension_manager.extension_apps["graph_ext"]))._reporter.report()
    lines = [record for record in caplog.records if record.name == "graph_ext"]
    committed = [line for line in lines if line.getMessage().startswith("action=committed")]
    assert f"session_id={session_id} first_rev=1" in committed[0].getMessage()
    assert committed[0].__dict__["graph_ext"]["first_rev"] == 1
    assert not [secret for secret in SECRETS if secret in caplog.text]


def entry(rev: int, actor_id: str, count: int = 1) -> LogEntry:
    return LogEntry(rev, actor_id, "Ada", f"c{rev}", 0.0, "", None, None, count)


def test_many_commits_become_one_activity_of_bounded_size() -> None:
    tally = Tally()
    for rev in range(1, 1001):
        tally.published("s", [entry(rev, f"client:{rev}", 2)])
    _, [activity] = tally.take()
    assert (activity.first_rev, activity.last_rev, activity.commits) == (1, 1000, 1000)
    assert (activity.changes, len(activity.actors)) == (2000, 100)
    assert tally.take() == ([], [])
    assert (tally.commits, tally.changes) == (1000, 2000)


async def test_a_stall_of_the_loop_is_counted() -> None:
    stalls = Stalls()
    stalls.start()
    loop = asyncio.get_running_loop()
    held = loop.time() + 0.15
    while loop.time() < held:
        pass
    seen = asyncio.Event()
    loop.call_soon(seen.set)
    await seen.wait()
    assert stalls.count == 1
    assert stalls.within[0] == 0
    assert stalls.within[-1] == 1
    assert stalls.held_s > 0.01
    stalls.stop()
