"""A file is there whole, or as it was before."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graph_ext.exchange.placing import place_files, placed


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_what_breaks_off_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.gml"
    path.write_bytes(b"old")

    def interrupted() -> None:
        with placed(path) as file:
            file.write(b"new" * 100_000)
            assert path.read_bytes() == b"old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.gml"]


def test_files_that_belong_together_are_all_written_or_none(tmp_path: Path) -> None:
    edges, nowhere = tmp_path / "a.csv", tmp_path / "nowhere" / "a.nodes.csv"
    edges.write_bytes(b"old")
    with pytest.raises(FileNotFoundError):
        place_files({edges: b"new", nowhere: b"new"})
    assert edges.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a.csv"]
    (tmp_path / "folder.nodes.csv").mkdir()
    with pytest.raises(IsADirectoryError):
        place_files({tmp_path / "folder.nodes.csv": b"new", edges: b"new"})
    (tmp_path / "folder.nodes.csv").rmdir()
    assert edges.read_bytes() == b"old"
    place_files({edges: b"new", tmp_path / "a.nodes.csv": b"nodes"})
    assert edges.read_bytes() == b"new"
    assert names_in(tmp_path) == ["a.csv", "a.nodes.csv"]


def test_a_link_is_followed_and_rights_are_kept(tmp_path: Path) -> None:
    path, link = tmp_path / "a.gml", tmp_path / "link.gml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    place_files({link: b"new"})
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_new_file_has_the_rights_that_any_new_file_has(tmp_path: Path) -> None:
    place_files({tmp_path / "a.gml": b""})
    (tmp_path / "plain").touch()
    assert (tmp_path / "a.gml").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_pipe_is_written_as_it_comes(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        place_files({pipe: b"through"})
        assert os.read(reader, 100) == b"through"
    finally:
        os.close(reader)
