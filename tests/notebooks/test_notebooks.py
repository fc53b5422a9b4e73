"""The notebooks do what they say, in real kernels against a real server."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from graph_ext.client.graph import SharedGraph
from tests.notebooks.conftest import NOTEBOOKS, RunNotebook, outputs, printed, read_notebook

pytestmark = pytest.mark.notebook

Follow = Callable[[str], SharedGraph]
HAS_LISTS = shutil.which("apt-cache") is not None and any(
    Path("/var/lib/apt/lists").glob("*_Packages*")
)
WIDGET = "application/vnd.jupyter.widget-view+json"
STILL = "image/svg+xml"


def test_quickstart_runs_and_its_graphs_are_there_for_others(
    run_notebook: RunNotebook, follow: Follow
) -> None:
    notebook = run_notebook("quickstart.ipynb")
    text = printed(notebook)
    assert "34 nodes, 78 links, rev 1" in text
    assert "SCHEMA: Task.effort must be a number" in text
    assert "CYCLE:" in text
    assert "after undo: 4\nafter redo: 400" in text
    assert "['Build']" in text
    assert sum(WIDGET in output.get("data", {}) for output in outputs(notebook)) == 3
    club, plan = follow("quickstart"), follow("quickstart-plan")
    assert (len(club), len(club.edges)) == (34, 78)
    assert plan.nodes["House"].children == ["Design", "Build", "Paint"]
    assert dict(plan.nodes["Build"]) == {"effort": 25, "state": "doing"}
    assert plan.nodes["Paint"]["effort"] == 4


def test_quickstart_can_be_run_again(run_notebook: RunNotebook, follow: Follow) -> None:
    run_notebook("quickstart.ipynb")
    again = run_notebook("quickstart.ipynb")
    assert "after undo: 4\nafter redo: 400" in printed(again)
    assert (len(follow("quickstart")), len(follow("quickstart-plan").edges)) == (34, 2)


def test_the_tour_goes_all_the_way_round_and_can_be_run_again(
    run_notebook: RunNotebook, follow: Follow
) -> None:
    for _ in range(2):
        notebook = run_notebook("tour.ipynb")
        text = printed(notebook)
        assert "SCHEMA: Task.effort must be a number" in text
        assert "CYCLE:" in text
        assert "after undo: 5 nodes\nafter redo: 9 nodes" in text
        assert "state of Roof is now doing" in text
        assert "effort 3 -> 30" in text
        assert any(STILL in output.get("data", {}) for output in outputs(notebook))
    assert sorted(follow("Tour: karate club").nodes[33]) == ["club", "rank"]
    assert len(follow("Tour").children("House")) == 6
    assert follow("Tour: friends").nodes["bob"].type == "Person"


def test_debian_packages_builds_the_graph_of_the_excerpt(
    run_notebook: RunNotebook, follow: Follow
) -> None:
    notebook = run_notebook("debian_packages.ipynb")
    text = printed(notebook)
    assert "120 packages in the excerpt apt-python.txt" in text
    assert "Refused: depends must come from package, got source" in text
    g = follow("debian-packages")
    types = Counter(node.type for node in g.nodes.values())
    links = Counter(edge.type for edge in g.edges.values())
    assert (types["package"], types["section"]) == (120, 1)
    assert links["built-from"] == 120
    assert links["depends"] > 500
    assert links["recommends"] > 0
    assert len(g.nodes["section:python"].children) == 120
    assert g.nodes["python3"]["version"].startswith("3.")
    assert g.rev == 2  # the blueprint, and one commit for the section


@pytest.mark.skipif(not HAS_LISTS, reason="this machine has no apt lists: the excerpt must do")
def test_debian_packages_builds_the_graph_of_this_machines_lists(
    run_notebook: RunNotebook, follow: Follow
) -> None:
    section = "editors"  # a small one: all of python is shown by the benchmark
    run_notebook(
        "debian_packages.ipynb",
        f"EXCERPT, SECTIONS, SESSION = None, [{section!r}], 'debian-lists'",
    )
    text = subprocess.run(["apt-cache", "dumpavail"], capture_output=True, text=True, check=True)
    filed = len(re.findall(rf"^Section: (?:.*/)?{section}$", text.stdout, re.MULTILINE))
    g = follow("debian-lists")
    types = Counter(node.type for node in g.nodes.values())
    links = Counter(edge.type for edge in g.edges.values())
    assert types["package"] == links["built-from"] == filed > 100
    assert links["depends"] > 100


def test_the_parser_reads_stanzas_as_apt_writes_them() -> None:
    notebook = read_notebook("debian_packages.ipynb")
    [cell] = [c for c in notebook.cells if "parser" in c.metadata.get("tags", [])]
    parser: dict[str, Callable[..., Any]] = {}
    exec("import re\n" + cell.source, parser)
    text = (
        "Package: aa\nDepends: bb (>= 1:2.0~), bb (<< 3),\n cc | dd:any (= 1) | v2\n"
        "Tag: x,\n  y\n\n\nPackage: zz\nEmpty:\n\n"
    )
    first, second = parser["stanzas"](text)
    assert first == {
        "Package": "aa",
        "Depends": "bb (>= 1:2.0~), bb (<< 3),\ncc | dd:any (= 1) | v2",
        "Tag": "x,\ny",
    }
    assert second == {"Package": "zz", "Empty": ""}
    assert parser["relations"](first["Depends"]) == {
        "bb": {"version": ">= 1:2.0~, << 3"},
        "cc": {"alternative": True},
        "dd": {"version": "= 1", "alternative": True},
        "v2": {"alternative": True},
    }
    assert parser["relations"]("") == {}


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_notebook_is_kept_without_outputs(name: str) -> None:
    notebook = read_notebook(name)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
