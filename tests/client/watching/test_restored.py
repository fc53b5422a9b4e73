"""A session whose file was put back to an older copy: nobody takes the new history for the old."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from graph_ext.core.errors import GoneError
from tests.client.conftest import OpenGraph, until
from tests.client.watching.test_callbacks import PATIENCE_S, Heard
from tests.servers import JupyterServer


def test_readers_callbacks_and_the_history_go_on_with_what_was_restored(
    open_graph: OpenGraph,
    mortal: JupyterServer,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = mortal.root / "data" / "graph_ext"
    g = open_graph(server=mortal, timeout_s=PATIENCE_S)
    g.add_node("kept")
    mortal.stop()
    shutil.copytree(folder, tmp_path / "backup")
    mortal.start()
    for key in ("lost", "lost, too"):
        g.add_node(key)
    heard, made = Heard(), Heard()
    g.on("reset")(heard)
    g.on("node-created")(made)
    commits = g.follow(timeout_s=PATIENCE_S)
    assert [commit.rev for commit in g.history[:]] == [1, 2, 3]
    mortal.stop()
    until(g, "offline")
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "backup", folder)
    mortal.start()
    with pytest.raises(GoneError, match="the session was restored"):
        next(commits)
    reset = heard.next()
    assert (reset.since_rev, reset.rev, reset.count) == (3, 1, None)
    g.add_node("new")
    assert (list(g), g.rev) == (["kept", "new"], 2)
    assert made.next().node == "new"
    assert [commit.rev for commit in g.history[:]] == [1, 2]
    assert g.history[2].rev == 2
    assert list(open_graph(server=mortal)) == ["kept", "new"]
    assert "missed what happened in" in capfd.readouterr().err
