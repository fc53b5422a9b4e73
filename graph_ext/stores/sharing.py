"""The tables of members and invitations in catalog.sqlite: rows in, structs out.

Called by catalog.py, within its transactions.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec

from graph_ext.core.access import Member, Members
from graph_ext.hub.ports import Invitation, Sharing
from graph_ext.stores.schema import meta, transaction

__all__ = ["invited", "read", "read_changed", "remove", "write"]

_accepted = msgspec.json.Decoder(tuple[str, ...])


def read_changed(connection: sqlite3.Connection, since: int) -> tuple[int, dict[str, Members]]:
    """Read the members of the sessions where they have changed, and the number of that change."""
    found: dict[str, dict[str, Member]] = {}
    with transaction(connection, "DEFERRED"):
        change: int = meta(connection)["members_change"]
        if change != since:
            # a catalog that was replaced by an older one is read anew
            since = since if since < change else 0
            for session_id, *row in connection.execute(
                "SELECT session_id, actor_id, name, role, added_by, at "
                "FROM shared LEFT JOIN members USING (session_id) "
                "WHERE change > ? ORDER BY change, place",
                (since,),
            ):
                members = found.setdefault(session_id, {})
                if row[0] is not None:
                    members[row[0]] = Member(*row)
    return change, dict(found)


def read(connection: sqlite3.Connection, session_id: str) -> Sharing:
    """Read a session's members and invitations."""
    members = connection.execute(
        "SELECT actor_id, name, role, added_by, at FROM members "
        "WHERE session_id = ? ORDER BY place",
        (session_id,),
    )
    invitations = connection.execute(
        'SELECT invitation_id, token_hash, role, expires_at, uses, "by", at, revoked, accepted '
        "FROM invitations WHERE session_id = ? ORDER BY at, invitation_id",
        (session_id,),
    )
    return Sharing(
        {row[0]: Member(*row) for row in members},
        {row[0]: _invitation(row) for row in invitations},
    )


def write(connection: sqlite3.Connection, session_id: str, before: Sharing, after: Sharing) -> None:
    """Write what has changed: all members, all invitations, or neither."""
    if after.members != before.members:
        connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'members_change'")
        connection.execute(
            "INSERT OR REPLACE INTO shared SELECT ?, value FROM meta WHERE key = 'members_change'",
            (session_id,),
        )
        connection.execute("DELETE FROM members WHERE session_id = ?", (session_id,))
        connection.executemany(
            "INSERT INTO members VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (session_id, *msgspec.structs.astuple(member), place)
                for place, member in enumerate(after.members.values())
            ],
        )
    if after.invitations != before.invitations:
        connection.execute("DELETE FROM invitations WHERE session_id = ?", (session_id,))
        connection.executemany(
            "INSERT INTO invitations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (session_id, *plain, msgspec.json.encode(accepted).decode())
                for *plain, accepted in map(msgspec.structs.astuple, after.invitations.values())
            ],
        )


def remove(connection: sqlite3.Connection, session_id: str) -> None:
    """Take a session's members and invitations out."""
    connection.execute("DELETE FROM shared WHERE session_id = ?", (session_id,))
    connection.execute("DELETE FROM members WHERE session_id = ?", (session_id,))
    connection.execute("DELETE FROM invitations WHERE session_id = ?", (session_id,))


def invited(connection: sqlite3.Connection, token_hash: bytes) -> tuple[str, str] | None:
    """Find the (session_id, invitation_id) of a link."""
    found: tuple[str, str] | None = connection.execute(
        "SELECT session_id, invitation_id FROM invitations WHERE token_hash = ?", (token_hash,)
    ).fetchone()
    return found


def _invitation(row: tuple[Any, ...]) -> Invitation:
    *plain, revoked, accepted = row
    values = [*plain, bool(revoked), _accepted.decode(accepted)]
    return Invitation(**dict(zip(Invitation.__struct_fields__, values, strict=True)))
