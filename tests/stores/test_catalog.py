"""The catalog, which servers may share (docs/decisions/003-catalog.md)."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from graph_ext.core.access import Member
from graph_ext.hub.ports import Sharing
from graph_ext.stores.sqlite import SqliteStore
from tests.commits import SESSION_ID
from tests.stores.sqlite_files import change

OWNER = Member("user:ada", "Ada", "owner", "user:ada", 5.0)


async def test_members_changed_by_another_server_are_seen(store: SqliteStore, folder: Path) -> None:
    other = SqliteStore(folder)
    await store.create(SESSION_ID, "plan", "e1", 5.0, OWNER)
    change, _ = await store.members(0)
    # so that nothing about the file but its content may tell
    age = time.time_ns() - 60 * 10**9
    os.utime(folder / "catalog.sqlite", ns=(age, age))
    assert await store.members(change) == (change, {})
    assert await store.members(change) == (change, {})
    bob = Member("user:bob", "Bob", "editor", "user:ada", 6.0)
    await other.share(SESSION_ID, lambda was: Sharing({**was.members, "user:bob": bob}, {}))
    later, members = await store.members(change)
    assert members == {SESSION_ID: {"user:ada": OWNER, "user:bob": bob}}
    assert await store.members(later) == (later, {})
    await other.close()


async def test_two_servers_change_members_one_after_the_other(
    store: SqliteStore, folder: Path
) -> None:
    other = SqliteStore(folder)
    await store.create(SESSION_ID, "plan", "e1", 5.0, OWNER)

    def add(name: str) -> Callable[[Sharing], Sharing]:
        member = Member(f"user:{name}", name, "viewer", "user:ada", 6.0)
        return lambda was: Sharing({**was.members, member.actor_id: member}, was.invitations)

    await asyncio.gather(
        *(server.share(SESSION_ID, add(f"{server is store}-{i}"))
          for i in range(20) for server in (store, other))
    )  # fmt: skip
    assert len((await store.sharing(SESSION_ID)).members) == 41
    await other.close()


async def test_a_catalog_from_before_there_were_members_is_upgraded(
    store: SqliteStore, folder: Path
) -> None:
    folder.mkdir()
    change(
        folder / "catalog.sqlite",
        "CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
        "CREATE TABLE sessions (session_id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, "
        "created_at REAL NOT NULL) WITHOUT ROWID",
        "INSERT INTO meta VALUES ('schema_version', 1)",
        f"INSERT INTO sessions VALUES ('{SESSION_ID}', 'plan', 5.0)",
    )
    other = SqliteStore(folder)
    first, second = await asyncio.gather(store.list(), other.list())
    assert [entry.name for entry in first] == [entry.name for entry in second] == ["plan"]
    assert await store.sharing(SESSION_ID) == Sharing({}, {})
    await store.share(SESSION_ID, lambda _: Sharing({"user:ada": OWNER}, {}))
    assert (await other.members(0))[1] == {SESSION_ID: {"user:ada": OWNER}}
    await other.close()


async def test_a_catalog_that_was_put_back_is_read_anew(store: SqliteStore, folder: Path) -> None:
    await store.create(SESSION_ID, "plan", "e1", 5.0, OWNER)
    kept = (folder / "catalog.sqlite").read_bytes()
    await store.share(SESSION_ID, lambda _: Sharing({}, {}))
    change, _ = await store.members(0)
    (folder / "catalog.sqlite").write_bytes(kept)
    assert (await store.members(change))[1] == {SESSION_ID: {"user:ada": OWNER}}
