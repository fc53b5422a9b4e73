"""What one server takes: safe defaults, all of them configuration (extension.py)."""

from __future__ import annotations

from msgspec import Struct

from graph_ext import protocol

__all__ = ["HubLimits"]


class HubLimits(Struct, frozen=True, kw_only=True):
    """Bounds of memory and work, each per what its name says."""

    message_bytes: int = 1024 * 1024
    batch_commands: int = 1_000_000
    batch_bytes: int = 256 * 1024 * 1024
    import_bytes: int = 4 * 1024 * 1024 * 1024
    import_elements: int = 2_000_000
    upload_bytes: int = 1024 * 1024 * 1024
    sessions_open: int = 100
    sessions_joined: int = 50
    tail_bytes: int = 8 * 1024 * 1024
    idle_s: float = 300.0
    commands_per_s: float = 50_000.0
    presence_per_s: float = 10.0
    presence_s: float = 30.0
    slow_client_s: float = 60.0
    ask_authorizer_s: float = 1.0
    ask_identity_s: float = 30.0
    log_commits: int = 1_000_000
    log_bytes: int = 1024 * 1024 * 1024

    def on_the_wire(self) -> protocol.Limits:
        """Those that clients are told."""
        return protocol.Limits(
            self.message_bytes, self.batch_commands, self.commands_per_s, self.presence_per_s
        )
