"""``g.node_type`` and ``g.link_type``: a session's blueprint, written type by type in Python."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType, to_builtins
from msgspec.structs import replace

from graph_ext.client.blueprint.annotations import Written, written_property
from graph_ext.client.blueprint.check import CheckableGraph
from graph_ext.client.blueprint.sources import BlueprintSource, blueprint_of, written_class
from graph_ext.client.blueprint.tables import (
    is_column,
    is_table,
    written_column,
    written_table,
)
from graph_ext.client.blueprint.type_name import TypeName
from graph_ext.client.editing.conditions import Conditions
from graph_ext.client.followed import FollowedGraph
from graph_ext.core.blueprint import Blueprint, Cardinality, LinkType, NodeType
from graph_ext.core.commands import Edit, UpdateBlueprint
from graph_ext.core.errors import ConflictError
from graph_ext.core.graph import Graph

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TypedGraph"]

_ATTEMPTS = 8  # at changing a type while others keep changing the graph
_CATCH_UP_S = 5.0


class TypedGraph(FollowedGraph, CheckableGraph):
    """A session whose blueprint can be changed."""

    @property
    def blueprint(self) -> Blueprint:
        """The schema; it is refused where something does not fit (see ``g.check``).

        What is assigned may be anything that ``gx.blueprint`` reads: a dict, a path, classes.
        """
        replica = self.replica
        with replica.lock:
            return replica.graph.blueprint

    @blueprint.setter
    def blueprint(self, blueprint: BlueprintSource) -> None:
        wanted = blueprint_of(blueprint)
        if wanted != self.blueprint:
            self.submit(UpdateBlueprint(wanted))

    def node_type(  # noqa: PLR0913 (people give one or two of them)
        self,
        name: str | type,
        properties: Mapping[str, object] | pd.DataFrame | UnsetType = UNSET,
        *,
        parent_of: Iterable[str] | None | UnsetType = UNSET,
        label: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        icon: str | UnsetType = UNSET,
        colour: str | UnsetType = UNSET,
    ) -> TypeName:
        """Make a node type, or change the one of that name.

        Of a type that stands, what is left out stays; so the name alone returns it as it is.

        Parameters
        ----------
        name : str or class
            Its name; or a class, whose fields are its properties (see ``gx.blueprint``).
        properties : mapping or DataFrame, optional
            What each property is: a Python type (``float``, ``date``, ``Literal["a", "b"]``,
            another node type for a reference, see :mod:`graph_ext.client.blueprint.annotations`),
            the name of a value type, or a dict as in a blueprint. Empty: any property. They need
            not be there, but for ``Required[float]``. Or a data frame, whose columns they become
            (:mod:`graph_ext.client.blueprint.tables`).
        parent_of : iterable of types, optional
            Which types its children may have; [] for no children, None for any.
        label, description, icon, colour : str, optional
            What people see.

        Returns
        -------
        TypeName
            To be given wherever a type's name is asked for.

        Raises
        ------
        GraphError
            SCHEMA (what stands in the graph does not fit, the message says what; or the type makes
            no sense), CONFLICT (others keep changing the graph), or another refusal.

        Examples
        --------
        >>> from datetime import date
        >>> from typing import Literal
        >>> Task = g.node_type("Task", {"effort": float, "due": date, "tags": list,
        ...                             "state": Literal["todo", "doing", "done"]})
        >>> Phase = g.node_type("Phase", parent_of=[Task], colour="#4aa564")
        >>> g.add_node("Finish", type=Phase)
        'Finish'
        >>> g.add_node("Paint", type=Task, parent="Finish", due=date(2026, 12, 1))
        'Paint'
        >>> g.nodes["Paint"]["state"] = "dry"
        Traceback (most recent call last):
            ...
        graph_ext.core.errors.SchemaError: Task.state must be one of 'todo', 'doing', 'done', ...
        """
        given = _given(
            properties,
            allowed_children=_names(parent_of),
            label=label,
            description=description,
            icon=icon,
            colour=colour,
        )
        return self._define("node_types", name, given)

    def link_type(  # noqa: PLR0913 (people give one or two of them)
        self,
        name: str | type,
        source: str | Iterable[str] | None | UnsetType = UNSET,
        target: str | Iterable[str] | None | UnsetType = UNSET,
        properties: Mapping[str, object] | pd.DataFrame | UnsetType = UNSET,
        *,
        acyclic: bool | UnsetType = UNSET,
        cardinality: Cardinality | UnsetType = UNSET,
        label: str | UnsetType = UNSET,
        description: str | UnsetType = UNSET,
        colour: str | UnsetType = UNSET,
    ) -> TypeName:
        """Make a link type, or change the one of that name; as :meth:`node_type`.

        Parameters
        ----------
        name : str or class
            Its name; or a class, whose fields are its properties.
        source, target : type or several, optional
            Of which types the nodes are that it leads from and to; None for any.
        properties : mapping or DataFrame, optional
            What each property is.
        acyclic : bool, optional
            Whether its links must not lead in a circle.
        cardinality : str, optional
            ``many-to-many``, ``one-to-many`` (each target has at most one source), ``many-to-one``
            or ``one-to-one``.
        label, description, colour : str, optional
            What people see.

        Returns
        -------
        TypeName
            To be given wherever a type's name is asked for.

        Raises
        ------
        GraphError
            As :meth:`node_type`.

        Examples
        --------
        >>> Task = g.node_type("Task")
        >>> Blocks = g.link_type("blocks", Task, Task, {"days": int}, acyclic=True)
        >>> g.add_edge("Roof", "Walls", type=Blocks)
        Traceback (most recent call last):
            ...
        graph_ext.core.errors.CycleError: blocks links must not make a cycle, ...
        """
        given = _given(
            properties,
            source_types=_names(source),
            target_types=_names(target),
            acyclic=acyclic,
            cardinality=cardinality,
            label=label,
            description=description,
            colour=colour,
        )
        return self._define("link_types", name, given)

    def _define(self, kind: str, name: str | type, given: Written) -> TypeName:
        """Change a type of the blueprint as it stands, whatever others change in it meanwhile."""
        if isinstance(name, type):
            name, written = written_class(name)
            given = {**written, **given}
        type_id = str(name)
        properties = given.get("properties")
        if is_table(properties):
            given["properties"] = written_table(properties, kind)
        elif isinstance(properties, Mapping):
            given["properties"] = {
                str(key): written_column(spec)
                if is_column(spec)
                else written_property(spec, f"{type_id}.{key}")
                for key, spec in properties.items()
            }

        def plan(graph: Graph) -> list[Edit]:
            blueprint = graph.blueprint
            standing: Mapping[str, NodeType | LinkType] = getattr(blueprint, kind)
            before = to_builtins(standing[type_id]) if type_id in standing else {}
            read = Blueprint.from_mapping({kind: {type_id: {**before, **given}}})
            types: dict[str, Any] = {**standing, **getattr(read, kind)}
            wanted = replace(blueprint, **{kind: types})
            return [] if wanted == blueprint else [UpdateBlueprint(wanted)]

        self._change(plan)
        return TypeName(type_id, "node" if kind == "node_types" else "link")

    def _change(self, plan: Callable[[Graph], list[Edit]]) -> None:
        """Send a plan that is good for the rev only at which it was made; again where that is past.

        A blueprint is sent whole: over another one than it was made from, it would undo that.
        """
        replica = self.replica
        for left in reversed(range(_ATTEMPTS)):
            with replica.lock:
                edits, rev = plan(replica.graph), replica.rev
            try:
                self.submit_all(edits, conditions=Conditions(base_rev=rev if edits else None))
            except ConflictError:
                if not left or not replica.wait_beyond(rev, _CATCH_UP_S):
                    raise
            else:
                return


def _given(properties: object, **parts: object) -> Written:
    """Return what was said of a type, without what was not."""
    said = {"properties": properties, **parts}
    return {part: value for part, value in said.items() if value is not UNSET}


def _names(
    types: str | Iterable[str] | None | UnsetType,
) -> list[str] | None | UnsetType:
    if types is UNSET or types is None:
        return types
    return [str(types)] if isinstance(types, str) else [str(one) for one in types]
