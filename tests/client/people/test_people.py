"""People at one graph: roles, members and invitations, from Python, on a server with usernames."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import graph_ext as gx
from graph_ext.client.connection.connection import Connection
from graph_ext.client.connection.discovery import Server
from graph_ext.client.graph import SharedGraph
from graph_ext.client.opening import accept, open_over
from graph_ext.client.people.invitations import base_of, link_to, token_of
from tests import named
from tests.servers import JupyterServer

TIMEOUT_S = 60

OpenAs = Callable[[str], SharedGraph]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A server that knows people by name."""
    root = tmp_path_factory.mktemp("people")
    with JupyterServer(root, "server", *named.PEOPLE) as made:
        yield made


@pytest.fixture
def open_as(server: JupyterServer, name: str, connections: list[Connection]) -> OpenAs:
    """Open the test's session as somebody; who is the first makes and owns it."""

    def open_as(who: str) -> SharedGraph:
        there = Server(server.url, named.token_of(who))
        connection = Connection(there, kind="kernel", label=f"{who}.ipynb")
        connections.append(connection)
        return open_over(connection, name, create=who == "ann", timeout_s=TIMEOUT_S)

    return open_as


@pytest.fixture
def ann(open_as: OpenAs) -> SharedGraph:
    """The owner's graph."""
    return open_as("ann")


def accept_as(server: JupyterServer, who: str, link: object) -> SharedGraph:
    """Follow an invitation as somebody."""
    return accept(str(link), server.url, named.token_of(who), TIMEOUT_S)


def until(g: SharedGraph, holds: Callable[[], bool]) -> None:
    """Wait until something holds of a graph."""
    assert g.replica.wait_until(holds, TIMEOUT_S), (g.status, g.role, list(g.people))


def test_who_makes_a_session_owns_it_and_others_do_not_see_it(
    ann: SharedGraph, open_as: OpenAs
) -> None:
    assert ann.role == "owner"
    assert [(m.actor_id, m.name, m.role) for m in ann.members] == [("user:ann", "Ann", "owner")]
    with pytest.raises(gx.NotFoundError):
        open_as("bob")


def test_an_invitation_lets_in_whoever_follows_its_link(
    ann: SharedGraph, server: JupyterServer
) -> None:
    invitation = ann.invite("viewer", uses=1)
    assert str(invitation) == invitation.link
    assert invitation.link.startswith(f"{server.url}lab#")
    with accept_as(server, "bob", invitation) as bob:
        assert (bob.name, bob.role) == (ann.name, "viewer")
        with pytest.raises(gx.ForbiddenError):
            bob.add_node("a")
    assert [m.name for m in ann.members] == ["Ann", "Bob"]
    assert [i.accepted for i in ann.invitations] == [["user:bob"]]
    with pytest.raises(gx.GoneError, match="used up"):
        accept_as(server, "eve", invitation)


def test_an_invitation_that_is_revoked_lets_nobody_in(
    ann: SharedGraph, server: JupyterServer
) -> None:
    first, second = ann.invite(), ann.invite(expires_s=None)
    assert (first.expires_at is None, second.expires_at) == (False, None)
    ann.revoke(first)
    ann.revoke(ann.invitations[-1])
    for invitation in (first, second):
        with pytest.raises(gx.GoneError, match="revoked"):
            accept_as(server, "bob", invitation)
    with pytest.raises(gx.NotFoundError):
        accept_as(server, "bob", "0" * 64)


def test_a_role_that_an_owner_changes_holds_at_once(ann: SharedGraph, open_as: OpenAs) -> None:
    ann.set_role("user:bob", "viewer")
    bob = open_as("bob")
    assert bob.role == "viewer"
    ann.set_role("user:bob", "editor")
    until(bob, lambda: bob.role == "editor")
    bob.add_node("a")
    member = next(m for m in ann.members if m.actor_id == "user:bob")
    ann.set_role(member, "viewer")
    until(bob, lambda: bob.role == "viewer")
    with pytest.raises(gx.ForbiddenError):
        bob.add_node("b")


def test_who_is_removed_is_told_and_shut_out(ann: SharedGraph, open_as: OpenAs) -> None:
    ann.set_role("user:bob", "editor")
    bob = open_as("bob")
    ann.remove_member("user:bob")
    until(bob, lambda: bob.status == "ended")
    assert bob.trouble
    with pytest.raises(gx.ForbiddenError):
        bob.add_node("a")
    assert len(bob) == 0  # what was there can be read
    with pytest.raises(gx.NotFoundError):
        open_as("bob")


def test_ownership_is_handed_over(ann: SharedGraph, open_as: OpenAs) -> None:
    ann.set_role("user:bob", "editor")
    bob = open_as("bob")
    with pytest.raises(gx.ForbiddenError):
        bob.invite()
    with pytest.raises(gx.ConflictError):
        ann.remove_member("Ann")  # the last owner
    ann.transfer("user:bob")
    until(bob, lambda: bob.role == "owner")
    until(ann, lambda: ann.role == "editor")
    bob.invite()
    ann.remove_member("Ann")  # anybody may leave
    until(ann, lambda: ann.status == "ended")


def test_people_see_who_is_here_and_what_they_look_at(ann: SharedGraph, open_as: OpenAs) -> None:
    ann.add_node(7)
    ann.add_edge(7, "Build")
    ann.set_role("user:bob", "viewer")
    bob = open_as("bob")
    until(ann, lambda: [p.name for p in ann.people.others] == ["Bob"])
    there = ann.people.others[0]
    assert (there.role, there.kind, there.label, there.me) == (
        "viewer",
        "kernel",
        "bob.ipynb",
        False,
    )
    assert [p.name for p in bob.people if p.me] == ["Bob"]
    edge = ann.edges[7, "Build"]
    ann.set_presence(selection=[7, edge], cursor=(1, 2.5), viewport=(0, 0, 10, 20), editing="Build")

    def seen() -> gx.Person | None:
        return next((p for p in bob.people.others if p.editing == "Build"), None)

    until(bob, lambda: seen() is not None)
    assert (state := seen()) is not None
    assert (state.selection, state.cursor) == (["7", edge.link_id], (1.0, 2.5))
    assert state.viewport == (0.0, 0.0, 10.0, 20.0)
    ann.set_presence(editing=None)
    until(bob, lambda: [p.selection for p in bob.people.others if not p.editing] != [])
    assert bob.people.others[0].selection == ["7", edge.link_id]
    ann.close()
    until(bob, lambda: bob.people.others == ())


def test_presence_that_makes_no_sense_is_refused(ann: SharedGraph) -> None:
    with pytest.raises(gx.NotFoundError):
        ann.set_presence(selection=["nowhere"])
    with pytest.raises(gx.SchemaError, match="2 finite numbers"):
        ann.set_presence(cursor=(1, float("nan")))
    ann.close()
    with pytest.raises(gx.UnavailableError):
        ann.set_presence(selection=[])


def test_webhooks_are_listed_added_and_removed(ann: SharedGraph, open_as: OpenAs) -> None:
    hook, secret = ann.webhooks.add("https://example.org/hook", types=["node-created"])
    assert secret
    assert [(h.url, h.types) for h in ann.webhooks] == [
        ("https://example.org/hook", ["node-created"])
    ]
    assert "https://example.org/hook" in repr(ann.webhooks)
    ann.webhooks.remove(hook)
    assert len(ann.webhooks) == 0
    ann.set_role("user:bob", "editor")
    with pytest.raises(gx.ForbiddenError):
        list(open_as("bob").webhooks)


def test_links_are_read_as_they_are_written() -> None:
    server = Server("http://127.0.0.1:8888/user/ann/", "secret", parent=True)
    link = link_to(server, "token", {})
    assert link == "http://127.0.0.1:8888/user/ann/lab#graph-ext-invitation=token"
    assert (token_of(f" {link}\n"), token_of("token")) == ("token", "token")
    assert (base_of(link), base_of("token")) == (server.url, None)
    hub = {"JUPYTERHUB_SERVICE_PREFIX": "/user/ann/"}
    public = link_to(server, "token", {**hub, "JUPYTERHUB_PUBLIC_URL": "https://hub.example/"})
    assert base_of(public) == "https://hub.example/user/ann/"
    # the hub has not been told where people find it
    path = link_to(server, "token", {**hub, "JUPYTERHUB_PUBLIC_URL": ""})
    assert path == "/user/ann/lab#graph-ext-invitation=token"
    for wrong in ("", "http://127.0.0.1:8888/lab", "http://h/lab#graph-ext-invitation="):
        with pytest.raises(gx.NotFoundError, match="no link"):
            token_of(wrong)
