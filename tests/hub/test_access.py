"""Roles, members and invitations (docs/protocol.md, 8).

Long: roles, members and invitations are one question, asked of the same hub.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from graph_ext.core.access import ROLES, Role
from graph_ext.core.errors import (
    ConflictError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    UnavailableError,
)
from graph_ext.hub.access import Caller, Rules
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.protocol import Actor, SessionUpdated
from tests.commits import counter
from tests.fakes import FakeClock, FaultyStore
from tests.hub.conftest import Person

ADA, BOB, CAL = (Actor(f"user:{name}", name.title()) for name in ("ada", "bob", "cal"))


def asking(actor: Actor, *, read: bool = True, write: bool = True) -> Caller:
    return Caller(actor, read, write)


@pytest.fixture
def rules() -> Rules:
    return Rules("members")


@pytest.fixture
def hub(
    store: FaultyStore,
    clock: FakeClock,
    limits: HubLimits,
    rules: Rules,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[Hub]:
    numbers = counter("")
    hub = Hub(store, limits, clock, lambda: f"{int(numbers()):032x}", rules)
    yield hub
    store.failing = store.reads_failing = ""
    jp_asyncio_loop.run_until_complete(hub.close())


@pytest.fixture
def session_id(hub: Hub, jp_asyncio_loop: asyncio.AbstractEventLoop) -> str:
    """Ada's session."""
    made = jp_asyncio_loop.run_until_complete(hub.create("plan", actor=ADA))
    return made.session_id


async def roles(hub: Hub, session_id: str) -> dict[str, str]:
    return {each.actor_id: each.role for each in await hub.access.members(session_id)}


# --- roles (8.2, 8.3) -------------------------------------------------------------------------


async def test_who_makes_a_session_owns_it(hub: Hub, session_id: str) -> None:
    assert hub.access.role(session_id, asking(ADA)) == "owner"
    assert hub.access.role(session_id, asking(BOB)) is None
    assert await roles(hub, session_id) == {"user:ada": "owner"}


@pytest.mark.parametrize("role", ROLES)
async def test_the_authorizer_bounds_a_role(hub: Hub, session_id: str, role: Role) -> None:
    await hub.access.set_member(session_id, BOB, role, ADA)
    assert hub.access.role(session_id, asking(BOB)) == role
    assert hub.access.role(session_id, asking(BOB, write=False)) == "viewer"
    assert hub.access.role(session_id, asking(BOB, read=False)) is None
    assert hub.access.role(session_id, asking(CAL)) is None


async def test_a_session_without_a_role_is_not_told_of(hub: Hub, session_id: str) -> None:
    with pytest.raises(NotFoundError) as hidden:
        hub.access.check(session_id, asking(BOB), "read")
    with pytest.raises(NotFoundError) as none:
        await hub.open("0" * 32)
    assert str(hidden.value).replace(session_id, "") == str(none.value).replace("0" * 32, "")
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    assert hub.access.check(session_id, asking(BOB), "read") == "viewer"
    with pytest.raises(ForbiddenError, match="viewer may not edit"):
        hub.access.check(session_id, asking(BOB), "edit")


async def test_the_list_has_what_one_has_a_role_in(hub: Hub, session_id: str) -> None:
    goal = await hub.create("goal", actor=BOB)
    await hub.create("zebra", actor=CAL)
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    found = await hub.list(caller=asking(BOB))
    assert [(info.name, info.role) for info in found] == [("goal", "owner"), ("plan", "viewer")]
    assert await hub.list(caller=asking(BOB), name="zebra") == []
    assert await hub.list(caller=asking(ADA, read=False)) == []
    assert len(await hub.list()) == 3
    await hub.delete(goal.session_id)
    assert hub.access.role(goal.session_id, asking(BOB)) is None


@pytest.mark.parametrize("rules", [Rules("server")])
async def test_under_the_policy_server_the_authorizer_decides_alone(
    hub: Hub, session_id: str
) -> None:
    stranger = Actor("client:x")
    assert hub.access.role(session_id, asking(stranger)) == "owner"
    assert hub.access.role(session_id, asking(stranger, write=False)) == "viewer"
    assert hub.access.role(session_id, asking(stranger, read=False, write=False)) is None
    made = await hub.create("goal", actor=stranger)
    assert await hub.access.members(made.session_id) == [], "a client owns nothing"


@pytest.mark.parametrize("rules", [Rules("members"), Rules("members", "user:ada")])
async def test_what_nobody_owns_is_the_default_owners(hub: Hub, rules: Rules) -> None:
    made = await hub.create("old")
    mine = "owner" if rules.default_owner else None
    assert hub.access.role(made.session_id, asking(ADA)) == mine
    assert hub.access.role(made.session_id, asking(BOB)) is None
    assert await hub.access.ownerless() == (0 if mine else 1)
    # giving it away makes that durable first
    await hub.access.set_member(made.session_id, BOB, "owner", ADA)
    assert hub.access.role(made.session_id, asking(ADA)) == mine
    assert hub.access.role(made.session_id, asking(BOB)) == "owner"
    assert await hub.access.ownerless() == 0


async def test_a_default_owner_who_owns_something_else_owns_nothing_here(
    store: FaultyStore, clock: FakeClock, limits: HubLimits, session_id: str
) -> None:
    again = Hub(store, limits, clock, lambda: "f" * 32, Rules("members", "user:bob"))
    await again.access.refresh()
    assert again.access.role(session_id, asking(BOB)) is None
    assert again.access.role(session_id, asking(ADA)) == "owner"


# --- members (8.4) ----------------------------------------------------------------------------


async def test_a_member_is_kept_with_who_added_them_and_when(
    hub: Hub, session_id: str, clock: FakeClock
) -> None:
    clock.now = 2000.0
    made = await hub.access.set_member(session_id, Actor("user:bob"), "editor", ADA)
    assert (made.name, made.role, made.added_by, made.at) == ("bob", "editor", "user:ada", 2000.0)
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    again = await hub.access.set_member(session_id, Actor("user:bob"), "editor", ADA)
    assert again.name == "Bob", "a name that is known stays"
    assert [each.actor_id for each in await hub.access.members(session_id)] == [
        "user:ada",
        "user:bob",
    ]


@pytest.mark.parametrize(
    ("actor_id", "role"),
    [
        ("client:c1", "viewer"),
        ("bob", "viewer"),
        ("user:", "viewer"),
        ("", "viewer"),
        ("user:a\nb", "viewer"),
        ("user:\ud800", "viewer"),
        ("user:" + "x" * 256, "viewer"),
        ("user:bob", "boss"),
        ("user:bob", ""),
    ],
)
async def test_a_member_has_a_username_and_a_role(
    hub: Hub, session_id: str, actor_id: str, role: str
) -> None:
    with pytest.raises(SchemaError):
        await hub.access.set_member(session_id, Actor(actor_id), role, ADA)
    assert await roles(hub, session_id) == {"user:ada": "owner"}


async def test_the_last_owner_stays_one(hub: Hub, session_id: str) -> None:
    await hub.access.set_member(session_id, BOB, "editor", ADA)
    with pytest.raises(ConflictError, match="at least one owner"):
        await hub.access.remove_member(session_id, "user:ada")
    with pytest.raises(ConflictError, match="at least one owner"):
        await hub.access.set_member(session_id, ADA, "editor", ADA)
    await hub.access.set_member(session_id, BOB, "owner", ADA)
    await hub.access.remove_member(session_id, "user:ada")
    assert await roles(hub, session_id) == {"user:bob": "owner"}
    with pytest.raises(NotFoundError):
        await hub.access.remove_member(session_id, "user:ada")


async def test_ownership_is_handed_over_in_one_step(
    hub: Hub, session_id: str, store: FaultyStore
) -> None:
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    for to, error in (("user:cal", NotFoundError), ("user:ada", ConflictError)):
        with pytest.raises(error):
            await hub.access.transfer(session_id, ADA, to)
    with pytest.raises(ConflictError):
        await hub.access.transfer(session_id, BOB, "user:ada")
    store.failing = "the disk is full"
    with pytest.raises(UnavailableError):
        await hub.access.transfer(session_id, ADA, "user:bob")
    store.failing = ""
    assert await roles(hub, session_id) == {"user:ada": "owner", "user:bob": "viewer"}
    await hub.access.transfer(session_id, ADA, "user:bob")
    assert await roles(hub, session_id) == {"user:ada": "editor", "user:bob": "owner"}


async def test_a_change_that_is_not_durable_is_none(
    hub: Hub, session_id: str, store: FaultyStore
) -> None:
    store.failing = "the disk is full"
    with pytest.raises(UnavailableError, match="disk is full"):
        await hub.access.set_member(session_id, BOB, "viewer", ADA)
    assert hub.access.role(session_id, asking(BOB)) is None


# --- invitations (8.5) ------------------------------------------------------------------------


async def test_a_link_makes_members_as_often_as_it_says(hub: Hub, session_id: str) -> None:
    invitation, token = await hub.access.invite(session_id, "editor", None, 2, ADA)
    assert await hub.access.accept(token, BOB) == (session_id, "editor")
    assert await hub.access.accept(token, BOB) == (session_id, "editor"), "not counted again"
    assert await hub.access.accept(token, CAL) == (session_id, "editor")
    with pytest.raises(GoneError, match="used up"):
        await hub.access.accept(token, Actor("user:dan"))
    assert await hub.access.accept(token, CAL) == (session_id, "editor")
    (found,) = await hub.access.invitations(session_id)
    assert found.invitation_id == invitation.invitation_id
    assert found.accepted == ("user:bob", "user:cal")
    assert token.encode() not in repr(found).encode()
    member = (await hub.access.members(session_id))[1]
    assert (member.name, member.added_by) == ("Bob", "user:ada")


async def test_a_link_lowers_nobody(hub: Hub, session_id: str) -> None:
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    _, token = await hub.access.invite(session_id, "editor", None, None, ADA)
    _, weaker = await hub.access.invite(session_id, "viewer", None, None, ADA)
    assert await hub.access.accept(token, BOB) == (session_id, "editor")
    assert await hub.access.accept(weaker, BOB) == (session_id, "editor")
    assert await hub.access.accept(token, ADA) == (session_id, "owner")
    accepted = [each.accepted for each in await hub.access.invitations(session_id)]
    assert accepted == [("user:bob",), ()]


async def test_an_owner_who_lowers_or_removes_somebody_is_not_outdone_by_an_old_link(
    hub: Hub, session_id: str
) -> None:
    _, token = await hub.access.invite(session_id, "editor", None, None, ADA)
    await hub.access.accept(token, BOB)
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    assert await hub.access.accept(token, BOB) == (session_id, "viewer")
    await hub.access.remove_member(session_id, "user:bob")
    with pytest.raises(GoneError, match="no member any more"):
        await hub.access.accept(token, BOB)
    assert hub.access.role(session_id, asking(BOB)) is None


async def test_a_dead_link_says_why(hub: Hub, session_id: str, clock: FakeClock) -> None:
    _, expiring = await hub.access.invite(session_id, "viewer", clock.now + 10, None, ADA)
    revoked, token = await hub.access.invite(session_id, "viewer", None, None, ADA)
    await hub.access.revoke(session_id, revoked.invitation_id)
    with pytest.raises(GoneError, match="revoked"):
        await hub.access.accept(token, BOB)
    clock.now += 10
    with pytest.raises(GoneError, match="expired"):
        await hub.access.accept(expiring, BOB)
    assert hub.access.role(session_id, asking(BOB)) is None
    with pytest.raises(NotFoundError):
        await hub.access.revoke(session_id, "nothing")


@pytest.mark.parametrize(
    ("role", "expires_in", "uses"),
    [
        ("owner", None, None),
        ("boss", None, None),
        ("viewer", 0.0, None),
        ("viewer", float("nan"), None),
        ("viewer", float("inf"), None),
        ("viewer", None, 0),
        ("viewer", None, -1),
        ("viewer", None, 10**9),
    ],
)
async def test_an_invitation_must_make_sense(
    hub: Hub, session_id: str, clock: FakeClock, role: str, expires_in: float | None, uses: int
) -> None:
    expires_at = None if expires_in is None else clock.now + expires_in
    with pytest.raises(SchemaError):
        await hub.access.invite(session_id, role, expires_at, uses, ADA)
    assert await hub.access.invitations(session_id) == []


async def test_who_guesses_is_held_up(hub: Hub, session_id: str, clock: FakeClock) -> None:
    _, token = await hub.access.invite(session_id, "viewer", None, None, ADA)
    for guess in ("", "x", "x" * 10_000, "\ud800", "ä" * 64, *"abcde"):
        with pytest.raises(NotFoundError, match="no such invitation"):
            await hub.access.accept(guess, BOB)
    with pytest.raises(RateLimitedError):
        await hub.access.accept(token, BOB)
    assert await hub.access.accept(token, CAL) == (session_id, "viewer"), "others are not"
    clock.now += 61
    assert await hub.access.accept(token, BOB) == (session_id, "viewer")


async def test_a_client_that_the_server_has_no_name_for_accepts_nothing(
    hub: Hub, session_id: str
) -> None:
    _, token = await hub.access.invite(session_id, "viewer", None, None, ADA)
    with pytest.raises(ForbiddenError, match="no name"):
        await hub.access.accept(token, Actor("client:c1"))


# --- who is told (8.6) ------------------------------------------------------------------------


async def test_an_open_stream_is_told_of_another_role(hub: Hub, session_id: str) -> None:
    told: list[Role | None] = []
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    watch = hub.access.watch(session_id, asking(BOB), told.append)
    assert watch.role == "viewer"
    await hub.access.set_member(session_id, CAL, "editor", ADA)
    assert told == []
    await hub.access.set_member(session_id, BOB, "editor", ADA)
    watch.ask_again(asking(BOB, write=False))
    watch.ask_again()
    await hub.access.remove_member(session_id, "user:bob")
    assert told == ["editor", "viewer", None]
    watch.stop()
    watch.stop()
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    assert len(told) == 3


async def test_everybody_in_a_session_is_told_of_its_members(hub: Hub, session_id: str) -> None:
    ada = await Person(await hub.open(session_id), "ada").join()
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    told = [each for each in ada.sink.messages if isinstance(each, SessionUpdated)]
    assert [(each.members, each.name) for each in told] == [(True, "plan")]
    await hub.access.invite(session_id, "viewer", None, None, ADA)
    again = [each for each in ada.sink.messages if isinstance(each, SessionUpdated)]
    assert again == told, "an invitation is no member yet"


async def test_a_list_that_is_the_same_for_somebody_is_not_told_to_have_changed(
    hub: Hub, session_id: str
) -> None:
    told: dict[str, int] = {"ada": 0, "bob": 0}

    def ada() -> None:
        told["ada"] += 1

    def bob() -> None:
        told["bob"] += 1

    hub.watch(ada, asking(ADA))
    hub.watch(bob, asking(BOB))
    await hub.rename(session_id, "goal")
    assert told == {"ada": 1, "bob": 0}
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    assert told == {"ada": 2, "bob": 1}
    await hub.rename(session_id, "aim")
    await hub.access.remove_member(session_id, "user:bob")
    assert told == {"ada": 4, "bob": 3}
    await hub.delete(session_id)
    assert told == {"ada": 5, "bob": 3}


async def test_what_another_server_changes_reaches_open_streams(
    hub: Hub, session_id: str, store: FaultyStore, clock: FakeClock, limits: HubLimits
) -> None:
    told: list[Role | None] = []
    numbers = counter("")
    other = Hub(store, limits, clock, lambda: f"{int(numbers()) + 500:032x}", Rules("members"))
    await hub.access.set_member(session_id, BOB, "viewer", ADA)
    watch = hub.access.watch(session_id, asking(BOB), told.append)
    await other.access.remove_member(session_id, "user:bob")
    await hub.access.poll()
    assert told == [None]
    watch.stop()
    made = await other.create("goal", actor=BOB)
    await hub.access.refresh()
    assert hub.access.role(made.session_id, asking(BOB)) == "owner"


async def test_a_disk_that_fails_is_told_once_and_changes_no_role(
    hub: Hub, session_id: str, store: FaultyStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.reads_failing = "the disk is gone"
    await hub.access.poll()
    await hub.access.poll()
    assert caplog.text.count("the disk is gone") == 1
    assert hub.access.role(session_id, asking(ADA)) == "owner"
    with pytest.raises(UnavailableError):
        await hub.access.refresh()
    store.reads_failing = ""
    await hub.access.poll()
    store.reads_failing = "again"
    await hub.access.poll()
    assert "again" in caplog.text


async def test_a_role_that_goes_while_somebody_joins_lets_them_see_nothing(
    hub: Hub, session_id: str
) -> None:
    session = await hub.open(session_id)
    person = Person(session, "bob")
    with pytest.raises(NotFoundError):
        await person.join(role=None)
    assert person.sink.messages == []
    assert list(session.clients) == []
