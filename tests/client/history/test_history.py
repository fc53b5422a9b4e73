"""What was: commits, versions, what differs."""

from __future__ import annotations

import pytest

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.core.errors import DuplicateIdError, NotFoundError
from tests.client.conftest import OpenGraph


def test_commits_are_found_by_rev_and_by_slice(g: SharedGraph, open_graph: OpenGraph) -> None:
    assert len(g.history) == 0
    assert not g.history
    assert repr(g.history) == f"no commits in {g.name!r} yet"
    for number in range(7):
        g.add_node(number, n=1)
    g.update(label="Import <Q3>", nodes=["x", "y"], edges=[("x", "y")])
    g.undo()
    assert len(g.history) == 9
    last = g.history[-1]
    assert (last.rev, last.undoes, last.what) == (9, 8, "undo of rev 8")
    eighth = g.history[8]
    assert (eighth.label, eighth.count, eighth.who) == ("Import <Q3>", 3, "client 0")
    assert eighth.actor.actor_id == f"client:{g.connection.client_id}"
    assert abs(eighth.when.timestamp() - eighth.at) < 1e-3
    assert [commit.rev for commit in g.history[-5:]] == [5, 6, 7, 8, 9]
    assert [commit.rev for commit in g.history[2:4]] == [2, 3]
    assert g.history[-5:][0].rev == 5
    assert [commit.rev for commit in g.history[:100]] == list(range(1, 10))
    assert g.history[20:] == []
    assert [commit.rev for commit in g.history] == list(range(1, 10))
    assert [commit.rev for commit in reversed(g.history)] == list(range(9, 0, -1))
    for rev in (0, 10, -10):
        with pytest.raises(NotFoundError, match="they are 1 to 9"):
            _ = g.history[rev]
    with pytest.raises(ValueError, match=r"reversed\(g\.history\)"):
        _ = g.history[::-1]


def test_history_is_shown_as_a_table(g: SharedGraph) -> None:
    for number in range(12):
        g.add_node(number)
    g.update(label="Import <Q3>", nodes=["x", "y"], edges=[])
    lines = repr(g.history).splitlines()
    assert lines[0].split() == ["rev", "when", "who", "what", "events"]
    assert lines[1] == "... 3 before these"
    assert lines[-1].split()[0] == "13"
    assert lines[-1].endswith("client 0  Import <Q3>       2")
    assert "Import &lt;Q3&gt;</td><td>2</td>" in g.history._repr_html_()
    assert repr(g.history[13]).endswith("client 0: Import <Q3> (2 events)>")
    assert repr(g.history[20:]) == "no commits"
    assert g.history[-2:]._repr_html_().count("<tr>") == 3


def test_pages_are_read_when_they_are_needed_and_kept(
    g: SharedGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_ext.client.history.log._PAGE", 4)
    for number in range(11):
        g.add_node(number)
    asked: list[str] = []
    ask = g.ask

    def asking(method: str, path: str, *more: object) -> object:
        asked.append(path)
        return ask(method, path, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(g, "ask", asking)
    assert [commit.rev for commit in g.history[3:6]] == [3, 4, 5]
    assert asked == ["history?before_rev=5&limit=4", "history?before_rev=9&limit=4"]
    assert [commit.rev for commit in g.history[1:9]] == list(range(1, 9))
    assert len(asked) == 2
    assert [commit.rev for commit in g.history[-3:]] == [9, 10, 11]
    g.add_node("new")
    assert g.history[-1].rev == 12  # a page that was not full is read again


def test_versions_are_names_of_revs(g: SharedGraph, open_graph: OpenGraph) -> None:
    g.add_node("a")
    saved = g.save_version("before / review?")
    assert (saved.name, saved.rev, saved.actor.name) == ("before / review?", 1, "client 0")
    g.add_node("b")
    g.save_version("empty", at=0)
    other = open_graph()
    assert list(other.versions) == ["empty", "before / review?"]
    assert other.versions["empty"].rev == 0
    assert "before / review?: rev 1, " in repr(other.versions)
    assert "c" not in other.versions
    with pytest.raises(DuplicateIdError):
        other.save_version("empty")
    with pytest.raises(NotFoundError, match=r"g\.save_version\(name\) makes one"):
        _ = other.versions["quite another"]
    other.versions.remove("before / review?")
    assert dict(g.versions).keys() == {"empty"}
    with pytest.raises(NotFoundError):
        g.versions.remove("before / review?")
    g.versions.remove("empty")
    assert repr(g.versions) == "no versions"


def test_a_diff_says_what_became_of_each_element(g: SharedGraph) -> None:
    g.update([("a", "b", {"w": 1})], [("a", {"effort": 3, "old": 1}), "b", "gone"])
    g.nodes["a"].update(effort=8, new="x")
    del g.nodes["a"]["old"]
    g.nodes["a"].name = "A"
    g.edges["a", "b"]["w"] = 2
    g.remove_node("gone")
    g.add_node("c", type="Task", n=1)
    g.add_edge("c", "a", key="k", type="blocks")
    diff = g.diff(1)
    assert (diff.from_rev, diff.to_rev, len(diff), bool(diff)) == (1, g.rev, 5, True)
    found = {(change.element, change.what): change for change in diff}
    assert found["node", "added"].key == "c"
    assert found["node", "removed"].key == "gone"
    assert found["link", "added"].key == ("c", "a", "k")
    changed = found["node", "changed"]
    assert (changed.properties["effort"].old, changed.properties["effort"].new) == (3, 8)
    assert changed.properties["old"].new is gx.UNSET
    assert changed.fields["name"].new == "A"
    assert found["link", "changed"].key[:2] == ("a", "b")  # type: ignore[index]
    lines = repr(diff).splitlines()
    assert lines[0] == (
        f"{g.name!r} from rev 1 to {g.rev}: 1 node added, 1 node removed, 1 node changed, "
        "1 link added, 1 link changed"
    )
    assert "+ node 'c' (Task)" in lines
    assert "effort 3 -> 8" in repr(diff)
    assert "old 1 removed" in repr(diff)
    assert "new = 'x'" in repr(diff)
    back = g.diff(g.rev, 1)
    assert [change.key for change in back if change.what == "added"] == ["gone"]
    assert "-&gt;" in diff._repr_html_()


def test_a_diff_of_nothing_is_false_and_a_long_one_is_cut(g: SharedGraph) -> None:
    g.add_node("a")
    assert not g.diff(1)
    assert repr(g.diff(1)).endswith("nothing differs")
    g.update(nodes=range(30), edges=[])
    assert repr(g.diff(1)).splitlines()[-1] == "... 10 more"
    g.blueprint = {"self_links": False}
    diff = g.diff(2)
    assert diff.blueprint is not None
    assert "~ blueprint" in repr(diff)
    assert len(diff) == 0
