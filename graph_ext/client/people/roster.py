"""Who is in a session and what they look at, as the server last said it: ``g.people``.

The I/O thread puts a new table in the old one's place; readers take the whole table. So neither
ever waits for the other, and a forked child has a whole one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from msgspec import Struct, field

from graph_ext.core.events import Position
from graph_ext.protocol import ClientInfo

__all__ = ["People", "Person", "Roster"]


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
    client_id : str
        This client's own.
    """

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        # by client_id, in the order of coming; replaced, never changed
        self._people: dict[str, Person] = {}

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody, in the order of coming."""
        return tuple(self._people.values())

    def replace(self, clients: Iterable[ClientInfo]) -> None:
        """Take the whole list, as it comes with ``joined``."""
        self._people = {
            client.client_id: self._person(client) for client in clients if not client.gone
        }

    def take(self, client: ClientInfo) -> None:
        """Take what is new about one."""
        people = dict(self._people)
        if client.gone:
            people.pop(client.client_id, None)
        else:
            people[client.client_id] = self._person(client)
        self._people = people

    def clear(self) -> None:
        """Know nothing: the server is away."""
        self._people = {}

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
