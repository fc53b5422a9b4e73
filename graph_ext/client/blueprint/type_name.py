"""What ``g.node_type`` and ``g.link_type`` return: the type's name, which knows that it is one."""

from __future__ import annotations

from typing import Literal

__all__ = ["TypeName"]


class TypeName(str):
    """A type's name, to be given wherever one is asked for.

    Parameters
    ----------
    name : str
        As the blueprint has it.
    kind : {"node", "link"}
        Of what it is a type.

    Examples
    --------
    >>> Task = g.node_type("Task", {"effort": float, "tags": list, "state": str})
    >>> Task
    <node type 'Task'>
    >>> [node.key for node in g.find(type=Task, effort=gx.gt(5))]
    ['Build']
    """

    kind: Literal["node", "link"]

    def __new__(cls, name: str, kind: Literal["node", "link"]) -> TypeName:
        """Make a str that knows of what it is the type."""
        self = super().__new__(cls, name)
        self.kind = kind
        return self

    def __repr__(self) -> str:
        return f"<{self.kind} type {str(self)!r}>"

    def __getnewargs__(self) -> tuple[str, Literal["node", "link"]]:  # type: ignore[override]
        return (str(self), self.kind)
