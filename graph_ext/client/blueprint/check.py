"""``g.check``: what in a graph does not fit a blueprint; and its types as JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import islice
from typing import Any, overload

from graph_ext.client.blueprint.sources import BlueprintSource, blueprint_of
from graph_ext.client.readable import ReadableGraph
from graph_ext.core.blueprint_rules import check_blueprint
from graph_ext.core.conformance import Misfit, misfits
from graph_ext.core.json_schema import json_schema

__all__ = ["CheckableGraph", "Misfits"]

_SHOWN = 20


class Misfits(Sequence[Misfit]):
    """What does not fit, each with its ``message``, ``node_id`` or ``link_id``, and ``path``.

    False where everything fits.
    """

    def __init__(self, found: Sequence[Misfit]) -> None:
        self._found = found

    @overload
    def __getitem__(self, index: int) -> Misfit: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Misfit]: ...
    def __getitem__(self, index: int | slice) -> Misfit | Sequence[Misfit]:
        return self._found[index]

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        if not self._found:
            return "everything fits"
        return "\n".join([f"{_places(len(self))} where it does not fit:", *self._lines("  ")])

    def _repr_html_(self) -> str:
        if not self._found:
            return "<span>everything fits</span>"
        rows = "".join(f"<li>{escape(line)}</li>" for line in self._lines(""))
        return f"<b>{_places(len(self))} where it does not fit</b><ul>{rows}</ul>"

    def _lines(self, indent: str) -> Iterator[str]:
        for misfit in islice(self._found, _SHOWN):
            yield f"{indent}{misfit.message}" + (f" ({misfit.fix})" if misfit.fix else "")
        if len(self) > _SHOWN:
            yield f"{indent}... and {len(self) - _SHOWN} more"


class CheckableGraph(ReadableGraph):
    """A graph that can be held to a blueprint."""

    def check(self, blueprint: BlueprintSource | None = None) -> Misfits:
        """List everything that does not fit a blueprint; nothing changes.

        Asked before a blueprint is made stricter, which is refused where something does not fit.

        Parameters
        ----------
        blueprint : Blueprint or anything that one is made of, optional
            See ``gx.blueprint``; by default the graph's own.

        Returns
        -------
        Misfits
            A sequence, empty where everything fits; shown, it is a list for people.

        Raises
        ------
        SchemaError
            The blueprint does not make sense by itself.

        Examples
        --------
        >>> g.check()
        everything fits
        >>> g.check({"node_types": {"Task": {"properties": {
        ...     "effort": {"type": "number", "maximum": 6}, "state": str, "tags": list}}}})
        1 place where it does not fit:
          Task.effort must be at most 6, got 8 (node Build)
        """
        wanted = None if blueprint is None else blueprint_of(blueprint)
        if wanted is not None:
            check_blueprint(wanted)
        # seconds, where there are a hundred thousand of them
        graph = self.copied()
        return Misfits(list(misfits(graph, wanted or graph.blueprint)))

    def json_schema(self, type: str) -> dict[str, Any]:  # noqa: A002 (as the blueprint calls it)
        """Return the JSON Schema (2020-12) of the properties of a node type, or else a link type.

        Raises
        ------
        NotFoundError
            The blueprint has no type of that name.

        Examples
        --------
        >>> g.blueprint = {"node_types": {"Task": {}}, "link_types": {
        ...     "blocks": {"properties": {"days": "integer"}}}}
        >>> g.json_schema("blocks")["properties"]
        {'days': {'type': 'integer'}}
        """
        replica = self.replica
        with replica.lock:
            return json_schema(replica.graph.blueprint, type)


def _places(count: int) -> str:
    return f"{count} {'place' if count == 1 else 'places'}"
