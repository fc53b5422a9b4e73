"""The Jupyter server extension: configuration, and the wiring of everything else.

Loaded by jupyter_server through ``_jupyter_server_extension_points`` in ``graph_ext/__init__.py``.
"""

from __future__ import annotations

import os
import random
import time
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_core.paths import jupyter_data_dir
from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import PeriodicCallback
from traitlets import Enum, Float, Int, List, TraitError, Unicode, default, validate

from graph_ext.core.access import POLICIES, Policy, is_person
from graph_ext.core.errors import UnavailableError
from graph_ext.hub.access import Rules
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.hub.quiet import settle_heap
from graph_ext.hub.webhook import DeliveryLimits
from graph_ext.hub.webhooks import Webhooks
from graph_ext.stores.sqlite import SqliteStore
from graph_ext.stores.webhooks import SqliteWebhooks
from graph_ext.telemetry import metrics
from graph_ext.telemetry.reporter import Reporter
from graph_ext.telemetry.stalls import Stalls
from graph_ext.transports.base import HUB, SOCKETIO, WEBHOOKS, Close, has_stable_names
from graph_ext.transports.http import HttpHandler
from graph_ext.transports.sender import GuardedResolver, HttpSender, read_networks
from graph_ext.transports.table import ROOT, routes
from graph_ext.transports.websocket import GraphWebSocket

if TYPE_CHECKING:
    from graph_ext.transports.socketio import Gate

__all__ = ["GraphExtension", "socketio_gate"]

_DEFAULTS = HubLimits()
_SWEEP_MS = 30_000
_POLL_MS = 500  # members whom another server has changed are seen within a second


class GraphExtension(ExtensionApp):
    """Live shared graphs in this Jupyter server."""

    name = "graph_ext"

    data_dir = Unicode(
        help="The folder of the graphs' files. Default: graph_ext in Jupyter's data folder."
    ).tag(config=True)
    message_bytes = Int(
        _DEFAULTS.message_bytes, min=1024, help="How long a client's message may be."
    ).tag(config=True)
    batch_commands = Int(
        _DEFAULTS.batch_commands, min=1, help="How many commands a batch may have."
    ).tag(config=True)
    batch_bytes = Int(
        _DEFAULTS.batch_bytes, min=1024, help="How long a batch in several messages may be."
    ).tag(config=True)
    upload_bytes = Int(
        _DEFAULTS.upload_bytes, min=1024, help="How long a file may be that is imported over HTTP."
    ).tag(config=True)
    sessions_open = Int(
        _DEFAULTS.sessions_open, min=1, help="How many graphs may be in memory at once."
    ).tag(config=True)
    sessions_joined = Int(
        _DEFAULTS.sessions_joined, min=1, help="How many graphs one client may follow at once."
    ).tag(config=True)
    tail_bytes = Int(
        _DEFAULTS.tail_bytes,
        min=0,
        help="How much of each graph's log is kept in memory for those who follow it.",
    ).tag(config=True)
    idle_s = Float(
        _DEFAULTS.idle_s, min=0, help="Seconds after which a graph that nobody follows is closed."
    ).tag(config=True)
    commands_per_s = Float(
        _DEFAULTS.commands_per_s, min=0.001, help="How many commands a second a client may send."
    ).tag(config=True)
    presence_per_s = Float(
        _DEFAULTS.presence_per_s,
        min=0.001,
        help="How often a second others are told what a client looks at.",
    ).tag(config=True)
    presence_s = Float(
        _DEFAULTS.presence_s, min=0.001, help="Seconds without a sign after which one is gone."
    ).tag(config=True)
    slow_client_s = Float(
        _DEFAULTS.slow_client_s,
        min=0.001,
        help="Seconds after which a client that takes nothing of what waits for it is cut off.",
    ).tag(config=True)
    import_bytes = Int(
        _DEFAULTS.import_bytes, min=1, help="How many bytes an imported archive may unpack to."
    ).tag(config=True)
    import_elements = Int(
        _DEFAULTS.import_elements, min=0, help="How many nodes and links it may have."
    ).tag(config=True)
    log_commits = Int(
        _DEFAULTS.log_commits, min=1, help="How many commits each graph's log may have."
    ).tag(config=True)
    log_bytes = Int(
        _DEFAULTS.log_bytes, min=1, help="How long each graph's log may become, in bytes."
    ).tag(config=True)
    ping_interval_s = Float(30, min=0, help="Seconds between WebSocket pings; 0: none.").tag(
        config=True
    )
    ping_timeout_s = Float(
        30, min=0, help="Seconds within which a ping must be answered; at most the interval."
    ).tag(config=True)

    access_policy = Enum(
        ["", *POLICIES],
        "",
        help="Where roles in graphs come from. server: whoever may write here owns every graph. "
        "members: each graph has its own members; that needs an identity provider with usernames. "
        "Empty: members where there are usernames (as under JupyterHub), else server.",
    ).tag(config=True)
    default_owner = Unicode(
        help="Who owns the graphs that nobody owns, as in user:ada; made before there were "
        "members. Default: under JupyterHub, the owner of this server."
    ).tag(config=True)
    ask_authorizer_s = Float(
        _DEFAULTS.ask_authorizer_s,
        min=0.05,
        help="Seconds after which the authorizer is asked again about each open connection.",
    ).tag(config=True)
    ask_identity_s = Float(
        _DEFAULTS.ask_identity_s,
        min=0.05,
        help="Seconds after which the identity provider is asked again about each of them.",
    ).tag(config=True)

    @default("default_owner")
    def _default_default_owner(self) -> str:
        username = os.environ.get("JUPYTERHUB_USER", "")
        return f"user:{username}" if username else ""

    @validate("default_owner")
    def _check_default_owner(self, proposal: Any) -> str:
        owner: str = proposal["value"]
        if owner and not is_person(owner):
            raise TraitError(f"default_owner must be like user:ada, got {owner!r}")
        return owner

    webhook_networks = List(
        Unicode(),
        help="Networks, as in 10.0.0.0/8, that webhooks may be sent to besides the open internet.",
    ).tag(config=True)
    webhook_attempts = Int(
        DeliveryLimits().attempts,
        min=1,
        help="Failures in a row after which a webhook is dead, until somebody revives it.",
    ).tag(config=True)
    webhook_first_wait_s = Float(
        DeliveryLimits().first_wait_s,
        min=0.01,
        help="Seconds until a webhook is tried again; each further failure doubles them.",
    ).tag(config=True)

    @validate("webhook_networks")
    def _check_webhook_networks(self, proposal: Any) -> Any:
        try:
            read_networks(proposal["value"])
        except ValueError as error:
            raise TraitError(f"GraphExtension.webhook_networks: {error}") from None
        return proposal["value"]

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "graph_ext")

    hub: Hub
    """Made when the configuration was found to be right."""

    def initialize_settings(self) -> None:
        """Make the hub; nothing is opened yet."""
        rules = Rules(self._policy(), self.default_owner)
        server = f"process {os.getpid()}"
        if self.serverapp is not None:
            server += f", port {self.serverapp.port}"
        self.hub = Hub(
            SqliteStore(Path(self.data_dir), server),
            HubLimits(**{name: getattr(self, name) for name in HubLimits.__struct_fields__}),
            time.time,
            lambda: uuid.uuid4().hex,
            rules,
        )
        self.settings[HUB] = self.hub
        self._sender = HttpSender(
            GuardedResolver(networks=read_networks(self.webhook_networks)), time.time
        )
        self.webhooks = Webhooks(
            self.hub,
            SqliteWebhooks(Path(self.data_dir)),
            self._sender,
            time.time,
            lambda: uuid.uuid4().hex,
            random.random,
            DeliveryLimits(attempts=self.webhook_attempts, first_wait_s=self.webhook_first_wait_s),
        )
        self.settings[WEBHOOKS] = self.webhooks
        self._gate = socketio_gate(self.hub)
        self.settings[SOCKETIO] = self._gate
        # every open WebSocket, so that they can be closed when the server stops
        self.sockets: dict[GraphWebSocket, None] = {}
        # every HTTP request that is being answered, likewise
        self.serving: dict[HttpHandler, None] = {}
        self._periodic = [
            PeriodicCallback(self.hub.sweep, _SWEEP_MS),
            PeriodicCallback(self.hub.access.poll, _POLL_MS),
        ]
        self._stalls = Stalls()
        metrics.show(
            self.hub,
            self._stalls,
            lambda: max((socket.in_flight_bytes for socket in self.sockets), default=0),
        )
        self._reporter: Reporter | None = None
        if self.serverapp is not None and self.serverapp.event_logger is not None:
            self._reporter = Reporter(self.hub.tally, self.serverapp.event_logger)

    def _policy(self) -> Policy:
        """Where roles come from on this server (TraitError)."""
        stable = self.serverapp is not None and has_stable_names(self.serverapp.identity_provider)
        if not self.access_policy:
            return "members" if stable else "server"
        if self.access_policy == "members" and not stable:
            raise TraitError(
                "GraphExtension.access_policy is members, but this server gives people no "
                "usernames: whoever has its token or password could say that they are somebody "
                "else. Use an identity provider with usernames (as under JupyterHub), or server"
            )
        return "members" if self.access_policy == "members" else "server"

    def initialize_handlers(self) -> None:
        """Say which handler answers where."""
        socket: dict[str, Any] = {
            "sockets": self.sockets,
            "ping_interval_s": self.ping_interval_s,
            "ping_timeout_s": self.ping_timeout_s,
        }
        self.handlers.append((f"{ROOT}/ws", GraphWebSocket, socket))
        self.handlers.extend(routes(self.serving))
        if self._gate is not None:
            self.handlers.extend(self._gate.routes())

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:  # noqa: ARG002
        """Begin what needs the running loop; called by the server once it is up."""
        settle_heap()
        for each in self._periodic:
            each.start()
        await self.hub.sweep()
        try:
            ownerless = await self.hub.access.ownerless()
        except UnavailableError as error:
            self.log.warning("Who owns the graphs can't be read: %s", error)
        else:
            if ownerless:
                self.log.warning(
                    "Nobody owns %d of the graphs, so nobody sees them; "
                    "GraphExtension.default_owner says whose they shall be",
                    ownerless,
                )
        self._stalls.start()
        if self._reporter is not None:
            self._reporter.start()
        if self._gate is not None:
            self._gate.start()
        try:
            await self.webhooks.start()
        except UnavailableError as error:
            self.log.error("No webhook is sent: %s", error)

    async def stop_extension(self) -> None:
        """Say good-bye, finish what is in line, and close every file."""
        if HUB not in self.settings:
            return  # it never began
        for each in self._periodic:
            each.stop()
        for socket in tuple(self.sockets):
            socket.close(Close.STOPPING, "the server is stopping")
        for request in tuple(self.serving):
            request.stop()
        if self._gate is not None:
            await self._gate.stop()
        await self.webhooks.close()
        self._sender.close()
        await self.hub.close()
        self._stalls.stop()
        metrics.withdraw(self.hub)
        if self._reporter is not None:
            self._reporter.stop()


def socketio_gate(hub: Hub) -> Gate | None:
    """Return what serves Socket.IO clients; None where python-socketio is not installed."""
    try:
        from graph_ext.transports.socketio import Gate  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        if error.name not in {"engineio", "socketio"}:
            raise
        return None
    return Gate(hub)
