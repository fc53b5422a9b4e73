"""What ``g.show(color=...)`` takes, what the page gets, and how functions are kept up."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import graph_ext as gx
from graph_ext.client.elements.nodes import NodeView
from graph_ext.client.graph import SharedGraph
from graph_ext.widget import GraphWidget
from tests.widget.page import Page


@pytest.fixture
def plan(g: SharedGraph) -> SharedGraph:
    g.update(
        nodes=[
            ("Design", {"effort": 3, "state": "done"}),
            (7, {"effort": 8, "state": "todo"}),
            ((1, "a"), {}),
        ]
    )
    return g


def looks_of(widget: Any) -> dict[str, Any]:
    found: dict[str, Any] = widget.get_state("looks")["looks"]
    return found


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"color": "state"}, {"color": {"property": "state"}}),
        ({"color": "#4aa564"}, {"color": {"constant": "#4aa564"}}),
        (
            {"color": ("state", {"done": "#0a0", 1: "#00f"})},
            {"color": {"property": "state", "colours": {"done": "#0a0", "1": "#00f"}}},
        ),
        ({"size": 4}, {"size": {"constant": 4}}),
        (
            {"size": "effort", "label": ""},
            {"size": {"property": "effort"}, "label": {"constant": ""}},
        ),
        (
            {"size": {7: 0.5, "Design": float("nan"), (1, "a"): None}},
            {"size": {"values": {"7": 0.5}}},
        ),
        (
            {"size": pd.Series({"Design": 1, 7: 2})},
            {"size": {"values": {"Design": 1, "7": 2}}},
        ),
        (
            {"filter": ("state", ["todo", 1.0])},
            {"filter": {"property": "state", "among": ["1", "todo"]}},
        ),
        (
            {"filter": ["Design", (1, "a")]},
            {"filter": {"values": {"Design": True, '[1,"a"]': True}}},
        ),
        (
            {"color": lambda node: node.get("effort")},
            {"color": {"values": {"Design": 3, "7": 8}}},
        ),
        ({"filter": None}, {}),
    ],
)
def test_what_is_given_reaches_the_page(
    plan: SharedGraph, given: dict[str, Any], sent: dict[str, Any]
) -> None:
    widget = GraphWidget(plan, **given)
    assert looks_of(widget) == sent
    widget.close()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"color": 3}, "a property's name"),
        ({"color": ("state", {"done": "green"})}, "#4aa564"),
        ({"size": -1}, "between"),
        ({"size": True}, "a number of pixels"),
        ({"label": 3}, "for none"),
        ({"filter": 3}, "keys of nodes"),
    ],
)
def test_what_is_nothing_of_the_kind_is_refused(
    plan: SharedGraph, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(gx.SchemaError, match=message):
        GraphWidget(plan, **given)


def test_the_error_of_a_function_is_raised_where_it_is_given(plan: SharedGraph) -> None:
    with pytest.raises(gx.NotFoundError, match="effort"):
        GraphWidget(plan, color=lambda node: node["effort"])
    widget = GraphWidget(plan, color="state")
    with pytest.raises(ZeroDivisionError):
        widget.look(color=lambda node: 1 / len(node.name))
    with pytest.raises(gx.SchemaError, match="colour"):
        widget.look(colour="state")
    assert looks_of(widget) == {"color": {"property": "state"}}


def test_a_look_can_be_changed_and_taken_back(plan: SharedGraph) -> None:
    widget = GraphWidget(plan, color="state", size="effort")
    page = Page(widget)
    widget.look(color=None, label="state")
    sent = page.next(lambda m: m.get("method") == "update" and "looks" in m["state"])["state"][
        "looks"
    ]
    assert sent == {"size": {"property": "effort"}, "label": {"property": "state"}}


def test_a_function_is_called_again_for_what_changed_and_for_nothing_else(
    plan: SharedGraph,
) -> None:
    called: list[object] = []

    def effort(node: NodeView) -> object:
        called.append(node.key)
        return node.get("effort")

    widget = GraphWidget(plan, color=effort)
    page = Page(widget)
    assert called == ["Design", 7, (1, "a")]
    called.clear()
    plan.nodes[7]["effort"] = 13
    assert page.next_custom("values") == {
        "kind": "values",
        "channel": "color",
        "values": {"7": 13},
    }
    plan.remove_node("Design")
    assert page.next_custom("values")["values"] == {"Design": None}
    plan.add_edge(7, "New")
    plan.nodes["New"]["effort"] = 1
    assert page.next_custom("values")["values"] == {"New": 1}
    assert {"Design", 7, "New"} >= {key for key in called if key != "Design"}
    # for a page that comes later
    assert looks_of(widget) == {"color": {"values": {"7": 13, "New": 1}}}


def test_a_function_that_fails_later_is_shown_once_and_the_node_has_no_value(
    plan: SharedGraph, capfd: pytest.CaptureFixture[str]
) -> None:
    widget = GraphWidget(plan, size=lambda node: 12 / node.get("effort", 1))
    page = Page(widget)
    plan.update(nodes=[("Design", {"effort": 0}), (7, {"effort": 0})])
    assert page.next_custom("values")["values"] == {"Design": None, "7": None}
    plan.nodes[7]["effort"] = 6
    assert page.next_custom("values")["values"] == {"7": 2}
    assert capfd.readouterr().err.count("ZeroDivisionError") == 1


def test_a_closed_widget_calls_no_more(plan: SharedGraph) -> None:
    called: list[object] = []
    widget = GraphWidget(plan, color=lambda node: called.append(node.key))
    other = GraphWidget(plan, color=lambda node: node.get("effort"))
    page = Page(other)
    widget.close()
    called.clear()
    plan.nodes[7]["effort"] = 2
    page.next_custom("values")
    assert called == []


def test_a_selection_by_keys_views_and_edges(plan: SharedGraph) -> None:
    plan.add_edge("Design", 7)
    link = plan.edges["Design", 7]
    widget = GraphWidget(plan)
    widget.select(nodes=[plan.nodes["Design"], 7], edges=[link])
    assert widget.selection == {"nodes": ["Design", "7"], "links": [link.link_id]}
    widget.select(edges=[("Design", 7)])
    assert widget.selection == {"nodes": [], "links": [link.link_id]}
    with pytest.raises(gx.NotFoundError):
        widget.select(edges=[(7, "Design")])


def test_clicks_and_hovering_come_with_views(plan: SharedGraph) -> None:
    plan.add_edge("Design", 7)
    link = plan.edges["Design", 7]
    widget = GraphWidget(plan)
    page = Page(widget)
    assert widget.get_state("listens")["listens"] == []
    seen: list[object] = []

    def broken(element: object) -> None:
        raise RuntimeError("not ours")

    widget.on_click(broken)
    widget.on_click(lambda element: seen.append(type(element).__name__))
    widget.on_hover(seen.append)
    assert widget.get_state("listens")["listens"] == ["click", "hover"]
    page.custom({"kind": "click", "node": "Design"})
    page.custom({"kind": "click", "link": link.link_id})
    page.custom({"kind": "hover", "node": "7"})
    page.custom({"kind": "hover"})
    page.custom({"kind": "click"})
    assert seen[:2] == ["NodeView", "LinkView"]
    assert isinstance(seen[2], NodeView)
    assert (seen[2].key, seen[3:]) == (7, [None])
    widget.on_hover(seen.append, remove=True)
    widget.on_click(broken, remove=True)
    assert widget.get_state("listens")["listens"] == ["click"]
