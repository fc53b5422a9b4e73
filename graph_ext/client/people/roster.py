"""Who is in a session and what they look at, as the server last said it: ``g.people``.

The I/O thread puts a new table in the old one's place; readers take the whole table. So neither
ever waits for the other, and a forked child has a whole one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar, overload

from msgspec import Struct, field

from graph_ext.core.events import Position
from graph_ext.protocol import (
    Actor,
    ClientInfo,
    SessionConnectedEvent,
    SessionDisconnectedEvent,
)

__all__ = ["Movement", "People", "Person", "Roster"]

Movement = SessionConnectedEvent | SessionDisconnectedEvent
"""Somebody else came or went."""

M = TypeVar("M", SessionConnectedEvent, SessionDisconnectedEvent)


class Person(Struct, frozen=True, kw_only=True):
    """Somebody at a session: a tab, a kernel or an agent.

    Attributes
    ----------
    name : str
        For people: of the one who acts, or of the notebook where the server knows no names.
    role : str
        owner, editor or viewer.
    kind : str
        ui (a page), kernel or agent.
    label : str
        What the client calls itself, as a notebook's name.
    me : bool
        Whether it is this process.
    selection : list of str
        The node_ids and link_ids that are selected: ``g.nodes[node_id]`` finds a node by it, too.
    cursor : (x, y) or None
        Graph units.
    viewport : (x, y, width, height) or None
        Graph units.
    editing : str or None
        The id of the element whose fields are open.
    at : float
        Unix seconds, UTC, of the last sign of life.
    actor_id, client_id : str
        The stable keys of who acts, and of the connection.
    """

    name: str
    role: str
    kind: str
    label: str
    me: bool
    selection: list[str] = field(default_factory=list)
    cursor: Position | None = None
    viewport: tuple[float, float, float, float] | None = None
    editing: str | None = None
    at: float = 0.0
    actor_id: str
    client_id: str


class Roster:
    """A session's people. Filled on the I/O thread, read on any.

    Parameters
    ----------
    session_id : str
        Whose.
    client_id : str
        This client's own.
    """

    def __init__(self, session_id: str, client_id: str) -> None:
        self._session_id = session_id
        self._client_id = client_id
        # by client_id, in the order of coming; replaced, never changed
        self._people: dict[str, Person] = {}
        # the others who were here when that was last known; None: nobody has said yet
        self._others: dict[str, Person] | None = None

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of coming."""
        return tuple(self._people.values())

    def replace(self, clients: Iterable[ClientInfo]) -> list[Movement]:
        """Take the whole list, as it comes with ``joined``; return who came or went meanwhile."""
        self._people = {
            client.client_id: self._person(client) for client in clients if not client.gone
        }
        before, self._others = self._others, {p.client_id: p for p in self.people if not p.me}
        if before is None:
            return []
        gone = [p for client_id, p in before.items() if client_id not in self._others]
        come = [p for client_id, p in self._others.items() if client_id not in before]
        return [
            *(self._movement(SessionDisconnectedEvent, person) for person in gone),
            *(self._movement(SessionConnectedEvent, person) for person in come),
        ]

    def take(self, client: ClientInfo) -> list[Movement]:
        """Take what is new about one; return whether they came or went."""
        person, people = self._person(client), dict(self._people)
        if client.gone:
            people.pop(client.client_id, None)
        else:
            people[client.client_id] = person
        self._people = people
        others = self._others
        if person.me or others is None or client.gone != (client.client_id in others):
            return []
        if client.gone:
            del others[client.client_id]
            return [self._movement(SessionDisconnectedEvent, person)]
        others[client.client_id] = person
        return [self._movement(SessionConnectedEvent, person)]

    def clear(self) -> None:
        """Know nothing: the server is away."""
        self._people = {}

    def _movement(self, kind: type[M], person: Person) -> M:
        return kind(
            session_id=self._session_id,
            client_id=person.client_id,
            actor=Actor(person.actor_id, person.name),
            at=time.time(),
        )

    def _person(self, client: ClientInfo) -> Person:
        return Person(
            name=client.actor.name or client.label or client.actor.actor_id,
            role=client.role,
            kind=client.kind,
            label=client.label,
            me=client.client_id == self._client_id,
            selection=list(client.selection),
            cursor=client.cursor,
            viewport=client.viewport,
            editing=client.editing,
            at=client.at,
            actor_id=client.actor.actor_id,
            client_id=client.client_id,
        )


class People(Sequence[Person]):
    """Who is here, live: each look at it is a look at the present."""

    __slots__ = ("_roster",)

    def __init__(self, roster: Roster) -> None:
        self._roster = roster

    @overload
    def __getitem__(self, index: int) -> Person: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Person, ...]: ...

    def __getitem__(self, index: int | slice) -> Person | tuple[Person, ...]:
        return self._roster.people[index]

    def __len__(self) -> int:
        return len(self._roster.people)

    def __iter__(self) -> Iterator[Person]:
        return iter(self._roster.people)

    @property
    def others(self) -> tuple[Person, ...]:
        """Everybody but this process."""
        return tuple(person for person in self if not person.me)

    def __repr__(self) -> str:
        said = (
            f"{person.name} ({person.role or 'no role'}{', me' if person.me else ''})"
            for person in self
        )
        return f"People([{', '.join(said)}])"
