"""A script as a user writes it, for type checkers: it is never run.

What a checker has to find wrong is marked as such; an unneeded mark is an error, too.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, assert_type

import graph_ext as gx

g = gx.open("plan")
with gx.open("other", create=False) as other:
    print(other.name.upper(), other.rev + 1, len(other))

Task = g.node_type("Task", {"effort": float, "due": dt.date, "state": Literal["todo", "done"]})
blocks = g.link_type("blocks", Task, Task, acyclic=True)

key = g.add_node("Design", type=Task, effort=5, position=(1, 2.5))
g.add_node(("tile", 3), parent=key)
g.add_edge("Design", ("tile", 3), type=blocks, days=2)
g.add_nodes_from(["a", ("b", {"effort": 1})], type="Task")
g.add_edges_from([("a", "b"), ("a", "b", {"days": 1})])
g.move("a", "b", before=None)

design = g.nodes["Design"]
design["effort"] = 6
assert_type(design.type, str)
assert_type(design.position, tuple[float, float] | None)
for node in g.find(type=Task, effort=gx.gt(3) & gx.lt(9)):
    print(node.key, node.children, node.name)
for edge in g.edges.values():
    print(edge.source, edge.target, edge.type)

with g.batch("Plan") as batch:
    g.remove_node("a", expect=[gx.Expectation(node_id="a", exists=True)])
print(batch.rev)

with g.dry_run() as plan:
    g.undo()
print(plan)


@g.on("property-changed", type="Task")
def tell(event: gx.WatchedEvent) -> None:
    """Print what has changed."""
    print(event.rev, event.actor)


g.off(tell)
for commit in g.follow(since=3, timeout_s=1.0):
    print(commit.rev, commit.events)

past = g.at(3)
print(past.nodes["Design"]["effort"], past.find(type="Task"))
print([entry.rev for entry in g.history[-5:]], g.diff(1, 3), g.blame("Design", "effort"))
with g.fork("what if", at=3) as what_if:
    assert_type(what_if, gx.Graph)

print(g.nx.number_of_nodes(), g.to_networkx())
found = gx.read("plan.graphml")
g.update(found)
g.write("plan.gexf")

widget = g.show(color="state", size=lambda each: each.get("effort", 1), height=300)
widget.select(["Design"])
widget.save("plan.svg")

try:
    g.add_node("Design", name=3)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
except gx.SchemaError as error:
    print(error.code, error.fix)
g.nodez  # type: ignore[attr-defined] # pyright: ignore[reportAttributeAccessIssue]  # noqa: B018
