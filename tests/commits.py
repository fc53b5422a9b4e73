"""Commits for tests, made by the product's own parts: a command, executed and drafted."""

import asyncio
from collections.abc import Callable, Sequence
from itertools import count

from graph_ext.core.commands import Batch, CreateNode, Edit, LinkNodes, execute
from graph_ext.core.graph import Graph
from graph_ext.hub.draft import draft
from graph_ext.hub.ports import Append, SessionStore
from graph_ext.protocol import Actor, Commit

SESSION_ID = "5" * 32


def counter(prefix: str = "id-") -> Callable[[], str]:
    numbers = count(1)
    return lambda: f"{prefix}{next(numbers)}"


class Maker:
    """Makes one commit after the other on a graph of its own."""

    def __init__(self, store: SessionStore | None = None, graph: Graph | None = None) -> None:
        self.graph = graph or Graph()
        self.rev = store.rev if store else 0
        self._epoch = store.epoch if store else "e1"
        self._new_id = counter("made-")

    def __call__(
        self, command: Edit | Batch, *, actor_id: str = "user:ada", command_id: str = ""
    ) -> Append:
        events = execute(self.graph, command, self._new_id)
        self.rev += 1
        commit = Commit(
            session_id=SESSION_ID,
            epoch=self._epoch,
            rev=self.rev,
            command_id=command_id or f"command-{self.rev}",
            client_id="c1",
            actor=Actor(actor_id, "Ada"),
            at=1000.0 + self.rev,
            label=command.label if isinstance(command, Batch) else "",
            events=events,
        )
        return draft(commit, self.graph)


async def append(session: SessionStore, commits: Sequence[Append]) -> None:
    """Have a store write commits, and wait for what becomes of them."""
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def told(error: BaseException | None) -> None:
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    session.append(commits, told)
    await done


def node(node_id: str, **properties: object) -> CreateNode:
    return CreateNode(node_id=node_id, properties=dict(properties))


def link(link_id: str, source_id: str, target_id: str) -> LinkNodes:
    return LinkNodes(link_id=link_id, source_id=source_id, target_id=target_id)


def many(nodes: int, links: int = 0, prefix: str = "n") -> Batch:
    """A batch of nodes with a property that makes a page of them a few hundred."""
    edits: list[Edit] = [node(f"{prefix}{i}", text="x" * 100) for i in range(nodes)]
    edits += [
        link(f"l{prefix}{i}", f"{prefix}{i % nodes}", f"{prefix}{-i % nodes}") for i in range(links)
    ]
    return Batch(edits, "many")


def state_of(graph: Graph) -> tuple[object, ...]:
    """All of a graph, in its order, to be compared."""
    return (
        [node.created() for node in graph.nodes.values()],
        [link.created() for link in graph.links.values()],
        graph.blueprint,
    )
