"""What changes in who may do what reaches open sockets (docs/protocol.md, 8.6 and 8.7)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tornado.httpclient import HTTPClientError

from graph_ext.hub.access import Rules
from graph_ext.hub.hub import Hub
from graph_ext.hub.limits import HubLimits
from graph_ext.protocol import Actor
from graph_ext.stores.sqlite import SqliteStore
from tests.access.people import NamedPeople, People
from tests.transports.conftest import API, create

ADA, BOB = Actor("user:ada", "Ada"), Actor("user:bob", "Bob")


async def shared(people: People, role: str = "editor") -> str:
    """Ada's session, in which Bob has a role."""
    info = await people.hub.create("plan", actor=ADA)
    await people.hub.access.set_member(info.session_id, BOB, role, ADA)
    return str(info.session_id)


async def test_an_actor_is_the_user_whichever_client_it_is(people: People) -> None:
    session_id = await shared(people)
    bob = await people.connect("bob")
    joined = await bob.join(session_id, "c1", label="a notebook")
    assert joined["actor"] == {"actor_id": "user:bob", "name": "Display Bob"}
    assert joined["role"] == "editor"
    commit = await bob.command(session_id, "k", **create("a"))
    assert commit["actor"]["actor_id"] == "user:bob"


async def test_another_role_holds_from_the_next_message_on(people: People) -> None:
    session_id = await shared(people)
    ada, bob = await people.connect("ada"), await people.connect("bob")
    await ada.join(session_id, "a")
    await bob.join(session_id, "b")
    await people.hub.access.set_member(session_id, BOB, "viewer", ADA)
    assert (await bob.command(session_id, "k", **create("a")))["code"] == "FORBIDDEN"
    await people.hub.access.set_member(session_id, BOB, "editor", ADA)
    assert (await bob.command(session_id, "k2", **create("a")))["rev"] == 1


async def test_a_change_of_members_is_told_to_all_and_the_role_to_its_own(people: People) -> None:
    session_id = await shared(people)
    ada, bob = await people.connect("ada"), await people.connect("bob")
    await ada.join(session_id, "a")
    await bob.join(session_id, "b")
    await people.hub.access.set_member(session_id, BOB, "viewer", ADA)
    members = {"type": "session-updated", "session_id": session_id, "name": "plan"}
    assert await bob.read_type("session-updated") == {**members, "role": "viewer"}
    assert await bob.read_type("session-updated") == {**members, "members": True}
    assert await ada.read_type("session-updated") == {**members, "members": True}


async def test_who_is_removed_is_let_go_and_may_not_come_back(people: People) -> None:
    session_id = await shared(people)
    ada, bob = await people.connect("ada"), await people.connect("bob")
    await ada.join(session_id, "a")
    await bob.join(session_id, "b")
    await people.hub.access.remove_member(session_id, "user:bob")
    left = await bob.read_type("left")
    assert (left["session_id"], left["code"]) == (session_id, "FORBIDDEN")
    await ada.command(session_id, "k", **create("secret"))
    assert (await bob.command(session_id, "k", **create("a")))["code"] == "BAD_MESSAGE"
    await bob.send({"type": "join_session", "session_id": session_id, "client_id": "b"})
    answer = await bob.read()
    assert (answer["type"], answer["code"]) == ("error", "NOT_FOUND")
    # the socket itself goes on
    await bob.send({"type": "ping"})
    assert (await bob.read())["type"] == "pong"


async def test_who_has_no_role_hears_nothing_of_the_list(people: People) -> None:
    eve, bob = await people.connect("eve"), await people.connect("bob")
    for peer in (eve, bob):
        await peer.send({"type": "ping"})
        await peer.read()
    session_id = await shared(people)
    await people.hub.rename(session_id, "goal")
    assert await bob.frame() == '{"type":"sessions_changed"}'
    await eve.send({"type": "ping"})
    assert await eve.frame() == '{"type":"pong"}', "and nothing before it"


async def test_the_authorizers_answer_reaches_an_open_socket(people: People) -> None:
    session_id = await shared(people)
    bob = await people.connect("bob")
    await bob.join(session_id, "b")
    people.deny("bob", "write")
    assert (await bob.read_type("session-updated"))["role"] == "viewer"
    assert (await bob.command(session_id, "k", **create("a")))["code"] == "FORBIDDEN"
    people.allow("bob")
    assert (await bob.read_type("session-updated"))["role"] == "editor"
    people.deny("bob", "read", "write")
    assert (await bob.read_type("left"))["code"] == "FORBIDDEN"
    with pytest.raises(HTTPClientError, match="403"):
        await people.connect("bob")
    people.allow("bob")
    await bob.join(session_id, "b")


@pytest.mark.parametrize("by", ["token", "cookie"])
async def test_a_login_that_ends_ends_the_socket(people: People, by: str) -> None:
    session_id = await shared(people)
    headers = people.header("bob")
    if by == "cookie":
        jar = await people.cookies("bob")
        headers = {"Cookie": "; ".join(f"{key}={value}" for key, value in jar.items())}
    bob = await people.server.connect(headers)
    ada = await people.connect("ada")
    await bob.join(session_id, "b")
    await ada.join(session_id, "a")
    people.know_no_longer("bob")
    while await bob.frame() is not None:
        pass
    assert (bob.socket.close_code, bob.socket.close_reason) == (4401, "the login has ended")
    assert (await ada.command(session_id, "k", **create("a")))["rev"] == 1, "others stay"


async def test_an_identity_provider_that_fails_ends_nobodys_socket(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = await shared(people)
    bob = await people.connect("bob")
    await bob.join(session_id, "b")
    failures: list[str] = []
    NamedPeople.failures = failures
    while len(failures) < 2:
        await bob.send({"type": "ping"})
        assert (await bob.read())["type"] == "pong"
    assert caplog.text.count("can't be asked") == 1
    NamedPeople.failures = None
    people.deny("bob", "write")
    assert (await bob.read_type("session-updated"))["role"] == "viewer"


async def test_what_another_server_changes_reaches_the_socket(people: People) -> None:
    session_id = await shared(people)
    bob = await people.connect("bob")
    await bob.join(session_id, "b")
    extension = people.server.app.web_app.settings["graph_ext"]
    # as the server does when it is up, which that of the fixture never is
    await extension._start_jupyter_server_extension(people.server.app)
    folder = Path(extension.data_dir)
    other = Hub(SqliteStore(folder), HubLimits(), lambda: 5.0, lambda: "e" * 32, Rules("members"))
    await other.access.set_member(session_id, BOB, "viewer", ADA)
    assert (await bob.read_type("session-updated"))["role"] == "viewer"
    await other.access.remove_member(session_id, "user:bob")
    answer = await people.server.fetch(f"{API}/sessions", headers=people.header("bob"))
    assert json.loads(answer.body) == [], "at once over HTTP"
    assert (await bob.read_type("left"))["code"] == "FORBIDDEN"
    await other.close()
