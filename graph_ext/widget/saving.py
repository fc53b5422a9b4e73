"""A picture as a file: SVG as it is, PNG by resvg, a library of one small wheel. No browser."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

from graph_ext.core.errors import SchemaError, UnavailableError

__all__ = ["check_file", "write"]


def check_file(path: str | Path) -> Path:
    """Return where a picture goes (SchemaError: neither .svg nor .png; UnavailableError)."""
    path = Path(path).expanduser()
    if path.suffix.lower() not in {".svg", ".png"}:
        raise SchemaError(f"a picture is saved as .svg or .png, got {path.name!r}")
    if path.suffix.lower() == ".png":
        _renderer()
    return path


def write(path: Path, svg: str, background: str | None, scale: float) -> None:
    """Write a picture.

    Parameters
    ----------
    path : Path
        As :func:`check_file` returned it.
    svg : str
        The picture.
    background : str, optional
        A colour; None: see-through.
    scale : float
        How many pixels of a PNG make one of the picture's.

    Raises
    ------
    UnavailableError
        resvg can't draw it.
    OSError
        The file can't be written.
    """
    if path.suffix.lower() == ".svg":
        path.write_text(svg, encoding="utf-8")
        return
    try:
        data = _renderer().svg_to_bytes(svg_string=svg, zoom=scale, background=background)
    except ValueError as error:
        raise UnavailableError(f"the picture could not be made a PNG: {error}") from error
    path.write_bytes(data)


def _renderer() -> ModuleType:
    try:
        return import_module("resvg_py")
    except ImportError:
        raise UnavailableError(
            "PNG pictures need the library resvg_py",
            fix='pip install "graph_ext[png]", or save an .svg',
        ) from None
