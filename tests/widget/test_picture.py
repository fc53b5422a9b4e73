"""The still picture beside the widget, and as a file."""

from __future__ import annotations

import importlib
import struct
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import graph_ext as gx
from graph_ext.client.graph import SharedGraph
from graph_ext.widget import GraphWidget

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def plan(g: SharedGraph) -> SharedGraph:
    g.add_node("Design", state="done", position=(0, 0))
    g.add_edge("Design", "Build <it>")
    return g


def test_the_output_holds_a_picture(plan: SharedGraph) -> None:
    widget = GraphWidget(plan, color="state", height=300)
    bundle = widget._repr_mimebundle_()
    assert bundle is not None
    data, _ = bundle
    svg = ET.fromstring(data["image/svg+xml"])
    assert svg.get("height") == "300"
    assert "application/vnd.jupyter.widget-view+json" in data
    about = data["application/x-graph-ext+json"]
    assert about == {"session_id": plan.session_id, "name": plan.name}
    assert "Build &lt;it&gt;" in data["image/svg+xml"]
    assert "done" in data["image/svg+xml"]


def test_the_picture_needs_nothing_that_a_sanitizer_takes_away(plan: SharedGraph) -> None:
    """GitHub and nbviewer put it into their page without styles, scripts and references."""
    plan.add_edge("Design", "Design")
    svg = ET.fromstring(GraphWidget(plan, color="state", size="degree").picture())
    kinds = {element.tag.rpartition("}")[2] for element in svg.iter()}
    assert kinds <= {"svg", "title", "g", "path", "circle", "rect", "text"}
    names = {name for element in svg.iter() for name in element.attrib}
    assert not names & {"style", "class", "id", "href"}


def test_a_height_in_other_units_does_not_hinder_it(plan: SharedGraph) -> None:
    assert ET.fromstring(GraphWidget(plan, height="50vh").picture()).get("height") == "480"


def test_files_are_written_by_their_ending(plan: SharedGraph, tmp_path: Path) -> None:
    widget = GraphWidget(plan, color="state")
    widget.save(tmp_path / "g.svg", width=640)
    assert ET.parse(tmp_path / "g.svg").getroot().get("width") == "640"
    widget.save(str(tmp_path / "g.PNG"), width=300, height=200, background="#ffffff")
    data = (tmp_path / "g.PNG").read_bytes()
    assert data.startswith(PNG)
    assert struct.unpack(">II", data[16:24]) == (600, 400)
    widget.save(tmp_path / "empty.png", width=300, height=200, background="#ffffff", scale=1)
    assert len((tmp_path / "empty.png").read_bytes()) < len(data)


def test_another_ending_is_refused(plan: SharedGraph, tmp_path: Path) -> None:
    with pytest.raises(gx.SchemaError, match=r"\.svg or \.png"):
        GraphWidget(plan).save(tmp_path / "g.pdf")
    assert not list(tmp_path.iterdir())


def test_a_png_without_its_library_says_what_to_install(
    plan: SharedGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.import_module

    def without(name: str, package: str | None = None) -> Any:
        if name == "resvg_py":
            raise ImportError(name)
        return find(name, package)

    monkeypatch.setattr("graph_ext.widget.saving.import_module", without)
    widget = GraphWidget(plan)
    with pytest.raises(gx.UnavailableError, match="png") as error:
        widget.save(tmp_path / "g.png")
    assert "pip install" in (error.value.fix or "")
    widget.save(tmp_path / "g.svg")
    assert [path.name for path in tmp_path.iterdir()] == ["g.svg"]
