"""What happens in the sessions, said once a second: in the log, and through jupyter_events.

Names of actions, ids and numbers; no names of people, no properties, nothing else that somebody
typed. Under load many commits become one report. Wired by extension.py.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Protocol

from tornado.ioloop import PeriodicCallback

from graph_ext.hub.tally import Activity, Happened, Tally

__all__ = ["COMMITS_SCHEMA", "SESSIONS_SCHEMA", "EventLogger", "Reporter"]

COMMITS_SCHEMA = "https://events.jupyter.org/graph_ext/commits/v1"
SESSIONS_SCHEMA = "https://events.jupyter.org/graph_ext/sessions/v1"

_SCHEMAS = Path(__file__).parent / "schemas"
_FILES = {COMMITS_SCHEMA: "commits.yaml", SESSIONS_SCHEMA: "sessions.yaml"}
_PERIOD_MS = 1000.0

_log = logging.getLogger("graph_ext")


class EventLogger(Protocol):
    """As much of ``jupyter_events.EventLogger`` as is needed."""

    schemas: Any

    def register_event_schema(self, schema: Any) -> None:
        """Learn a schema."""

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> Any:
        """Tell an event."""


class Reporter:
    """Reports what a hub has counted.

    Parameters
    ----------
    tally : Tally
        The hub's.
    events : EventLogger
        The server's.
    """

    def __init__(self, tally: Tally, events: EventLogger) -> None:
        self._tally = tally
        self._events = events
        for schema_id, file in (
            (COMMITS_SCHEMA, "commits.yaml"),
            (SESSIONS_SCHEMA, "sessions.yaml"),
        ):
            if schema_id not in events.schemas:
                events.register_event_schema(_SCHEMAS / file)
        self._timer = PeriodicCallback(self.report, _PERIOD_MS)

    def start(self) -> None:
        """Report once a second from now on."""
        self._timer.start()

    def stop(self) -> None:
        """Report what is left, and no more."""
        self._timer.stop()
        self.report()

    def report(self) -> None:
        """Tell what has happened since the last report."""
        happened, activities = self._tally.take()
        for each in happened:
            self._say(SESSIONS_SCHEMA, _of_happened(each))
        for activity in activities:
            self._say(COMMITS_SCHEMA, _of_activity(activity))

    def _say(self, schema_id: str, data: dict[str, Any]) -> None:
        if _log.isEnabledFor(logging.INFO):
            words = " ".join(f"{key}={value}" for key, value in data.items() if key != "actors")
            # `graph_ext`: the same as a dict, for a formatter that writes JSON
            _log.info("%s", words, extra={"graph_ext": data})
        try:
            self._events.emit(schema_id=schema_id, data=data)
        except Exception:  # noqa: BLE001 - somebody else's handlers and modifiers
            _log.exception("An event could not be told through jupyter_events")


def _of_happened(happened: Happened) -> dict[str, Any]:
    data = {"action": happened.kind, "session_id": happened.session_id}
    if happened.client_id:
        data["client_id"] = happened.client_id
    if happened.actor_id:
        data["actor_id"] = happened.actor_id
    return data


def _of_activity(activity: Activity) -> dict[str, Any]:
    return {
        "action": "committed",
        "session_id": activity.session_id,
        "first_rev": activity.first_rev,
        "last_rev": activity.last_rev,
        "commits": activity.commits,
        "changes": activity.changes,
        "undone": activity.undone,
        "actors": [
            {"actor_id": actor_id, "commits": commits}
            for actor_id, commits in activity.actors.items()
        ],
    }
