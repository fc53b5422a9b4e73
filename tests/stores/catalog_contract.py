"""What every store does with its catalog: names, members, invitations. Part of contract.py."""

import msgspec
import pytest

from graph_ext.core.access import Member
from graph_ext.core.errors import (
    ConflictError,
    DuplicateIdError,
    NotFoundError,
    UnavailableError,
)
from graph_ext.hub.ports import (
    Invitation,
    Sharing,
    Store,
)
from tests.commits import SESSION_ID, Maker, append, node, state_of

OTHER_ID = "6" * 32
ADA = Member("user:ada", "Ada", "owner", "user:ada", 5.0)
BOB = Member("user:Bob é", "Bob", "viewer", "user:ada", 6.5)
CAL = Member("user:42", "", "editor", "user:ada", 7.0)
LINK = Invitation("i1", b"\0" * 32, "editor", None, 3, "user:ada", 8.0)


class CatalogContract:
    """Part of StoreContract."""

    async def test_the_catalog_lists_sessions_by_name(self, store: Store) -> None:
        await store.create(SESSION_ID, "zebra", "e1", 5.0)
        await store.create(OTHER_ID, "ant", "e2", 6.0)
        entries = await store.list()
        assert [entry.name for entry in entries] == ["ant", "zebra"]
        assert entries[1].session_id == SESSION_ID
        assert (entries[1].rev, entries[1].nodes, entries[1].links) == (0, 0, 0)
        assert entries[1].created_at == entries[1].updated_at == 5.0

    async def test_a_name_is_given_once(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        with pytest.raises(DuplicateIdError, match="plan"):
            await store.create(OTHER_ID, "plan", "e2", 6.0)
        await store.create(OTHER_ID, "Plan", "e2", 6.0)
        with pytest.raises(DuplicateIdError):
            await store.rename(OTHER_ID, "plan")
        assert [entry.name for entry in await store.list()] == ["Plan", "plan"]

    async def test_a_rename_frees_the_old_name(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        await store.rename(SESSION_ID, "goal")
        await store.rename(SESSION_ID, "goal")
        await store.create(OTHER_ID, "plan", "e2", 6.0)
        assert [entry.name for entry in await store.list()] == ["goal", "plan"]

    async def test_what_is_not_there_is_not_found(self, store: Store) -> None:
        with pytest.raises(NotFoundError):
            await store.open(SESSION_ID)
        with pytest.raises(NotFoundError):
            await store.delete(SESSION_ID)
        with pytest.raises(NotFoundError):
            await store.rename(SESSION_ID, "plan")

    async def test_an_open_session_is_not_opened_again(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        await store.open(SESSION_ID)
        with pytest.raises(UnavailableError):
            await store.open(SESSION_ID)

    async def test_one_that_is_deleted_while_it_is_open_goes_on_until_it_is_closed(
        self, store: Store
    ) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        session = await store.open(SESSION_ID)
        make = Maker(session)
        await append(session, [make(node("a"))])
        await store.delete(SESSION_ID)
        assert await store.list() == []
        for ask in (store.open, store.delete):
            with pytest.raises(NotFoundError):
                await ask(SESSION_ID)
        await store.tidy()
        await append(session, [make(node("b"))])
        assert state_of(await session.load()) == state_of(make.graph)
        await session.close()
        await store.tidy()
        await store.create(SESSION_ID, "plan", "e2", 6.0)
        await store.tidy()
        assert (await store.open(SESSION_ID)).rev == 0

    # --- members and invitations ---------------------------------------------------------------

    async def test_a_session_is_made_with_its_owner(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        await store.create(OTHER_ID, "goal", "e1", 5.0)
        assert await store.sharing(SESSION_ID) == Sharing({"user:ada": ADA}, {})
        assert await store.sharing(OTHER_ID) == Sharing({}, {})
        with pytest.raises(DuplicateIdError):
            await store.create("7" * 32, "plan", "e1", 5.0, BOB)
        _, members = await store.members(0)
        assert members.get(SESSION_ID) == {"user:ada": ADA}
        assert not members.get(OTHER_ID)
        assert "7" * 32 not in members

    async def test_members_and_invitations_come_back_as_they_were(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        used = msgspec.structs.replace(
            LINK,
            invitation_id="i2",
            token_hash=b"\xff" * 32,
            expires_at=9.25,
            uses=None,
            revoked=True,
            accepted=("user:bob", "user:42"),
        )
        members = {each.actor_id: each for each in (ADA, CAL, BOB)}
        wanted = Sharing(members, {"i1": LINK, "i2": used})
        assert await store.share(SESSION_ID, lambda _: wanted) == wanted
        found = await store.sharing(SESSION_ID)
        assert found == wanted
        assert list(found.members) == list(members), "in their order"
        assert list(found.invitations) == ["i1", "i2"]
        fewer = Sharing({"user:ada": ADA, BOB.actor_id: BOB}, {"i2": used})
        await store.share(SESSION_ID, lambda _: fewer)
        assert await store.sharing(SESSION_ID) == fewer

    async def test_a_change_is_given_what_there_is_and_may_refuse(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        seen: list[Sharing] = []

        def refuse(sharing: Sharing) -> Sharing:
            seen.append(sharing)
            raise ConflictError("no")

        with pytest.raises(ConflictError, match="no"):
            await store.share(SESSION_ID, refuse)
        assert seen == [Sharing({"user:ada": ADA}, {})]
        assert await store.sharing(SESSION_ID) == seen[0]

    async def test_members_are_of_a_session(self, store: Store) -> None:
        for ask in (store.sharing(SESSION_ID), store.share(SESSION_ID, lambda sharing: sharing)):
            with pytest.raises(NotFoundError):
                await ask
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        await store.share(SESSION_ID, lambda was: Sharing(was.members, {"i1": LINK}))
        await store.delete(SESSION_ID)
        with pytest.raises(NotFoundError):
            await store.sharing(SESSION_ID)
        assert await store.invited(LINK.token_hash) is None
        assert (await store.members(0))[1] == {}
        await store.create(SESSION_ID, "plan", "e1", 5.0)
        assert await store.sharing(SESSION_ID) == Sharing({}, {}), "nothing is left of it"

    async def test_a_link_is_found_by_its_hash(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        await store.share(SESSION_ID, lambda was: Sharing(was.members, {"i1": LINK}))
        assert await store.invited(LINK.token_hash) == (SESSION_ID, "i1")
        assert await store.invited(b"\1" * 32) is None
        assert await store.invited(b"") is None

    async def test_members_are_read_where_they_have_changed(self, store: Store) -> None:
        await store.create(SESSION_ID, "plan", "e1", 5.0, ADA)
        change, members = await store.members(0)
        assert members == {SESSION_ID: {"user:ada": ADA}}
        assert await store.members(change) == (change, {})
        await store.create(OTHER_ID, "goal", "e1", 5.0, ADA)
        await store.share(OTHER_ID, lambda was: Sharing({**was.members, "user:42": CAL}, {}))
        later, members = await store.members(change)
        assert later > change
        assert members == {OTHER_ID: {"user:ada": ADA, "user:42": CAL}}
        await store.share(OTHER_ID, lambda _: Sharing({}, {}))
        assert (await store.members(later))[1] == {OTHER_ID: {}}
        await store.delete(OTHER_ID)
        assert (await store.members(0))[1] == {SESSION_ID: {"user:ada": ADA}}
