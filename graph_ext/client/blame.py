"""``g.blame``: who has last changed what of a node or a link, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import escape
from typing import Any

from msgspec import UNSET

from graph_ext.client.logged import local_time
from graph_ext.client.values import own_copy
from graph_ext.core.blame import EXISTS
from graph_ext.core.errors import NotFoundError
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.protocol import Actor
from graph_ext.protocol.http import BlamedChange

__all__ = ["ElementBlame", "LastChange"]

_PROPERTY = "properties."


class LastChange:
    """The last change of a property or field.

    Attributes
    ----------
    name : str
        The property's; of a field name, parent_id, order, position; ``exists``: it was made or
        deleted.
    rev, at, label : int, float, str
        Of the commit; ``at`` in Unix seconds, UTC, and ``when`` as a datetime.
    actor : Actor
        Who: ``actor.name``, ``actor.actor_id``.
    """

    __slots__ = ("_change", "name")

    def __init__(self, change: BlamedChange) -> None:
        self._change = change
        self.name = change.field.removeprefix(_PROPERTY)

    @property
    def rev(self) -> int:
        """Of the commit."""
        return self._change.rev

    @property
    def at(self) -> float:
        """When, Unix seconds, UTC."""
        return self._change.at

    @property
    def when(self) -> datetime:
        """When, in this machine's time zone."""
        return local_time(self._change.at)

    @property
    def actor(self) -> Actor:
        """Who has done it."""
        return self._change.actor

    @property
    def label(self) -> str:
        """What the commit is called."""
        return self._change.label

    @property
    def old_value(self) -> Any:
        """What it was before; ``gx.UNSET`` where it was not set."""
        return own_copy(self._change.old)

    @property
    def new_value(self) -> Any:
        """What it became; ``gx.UNSET`` where it was deleted."""
        return own_copy(self._change.new)

    def row(self) -> tuple[str, str, str, str, str]:
        """Return it as a table shows it: name, value, rev, when, who."""
        return (
            self.name,
            self._said(),
            str(self.rev),
            f"{self.when:%Y-%m-%d %H:%M:%S}",
            self.actor.name or self.actor.actor_id,
        )

    def __repr__(self) -> str:
        name, said, rev, when, who = self.row()
        label = f" ({self.label})" if self.label else ""
        return f"<{name} {said}: rev {rev}, {when}, {who}{label}>"

    def _said(self) -> str:
        change = self._change
        if change.field == EXISTS:
            return "made" if change.new else "deleted"
        was = "" if change.old is UNSET else shown(change.old)
        if change.new is UNSET:
            return f"deleted, was {was}"
        return f"= {shown(change.new)}" + (f", was {was}" if was else "")


class ElementBlame(Mapping[str, LastChange]):
    """The last change of every property of an element, by the properties' names.

    Attributes
    ----------
    fields : dict of str to LastChange
        Likewise its other fields: name, parent_id, order, position.
    existence : LastChange or None
        Who has made or deleted it; None where the log does not reach back to that.
    """

    def __init__(self, named: str, changes: Iterable[BlamedChange]) -> None:
        self._named = named
        self._properties: dict[str, LastChange] = {}
        self.fields: dict[str, LastChange] = {}
        self.existence: LastChange | None = None
        for change in changes:
            last = LastChange(change)
            if change.field == EXISTS:
                self.existence = last
            elif change.field.startswith(_PROPERTY):
                self._properties[last.name] = last
            else:
                self.fields[last.name] = last

    def __getitem__(self, name: str) -> LastChange:
        if name not in self._properties:
            raise NotFoundError(
                f"the log knows of no property {shown(name)} of {self._named}",
                fix=did_you_mean(str(name), self._properties),
            )
        return self._properties[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)

    def __repr__(self) -> str:
        rows = [change.row() for change in self._all()]
        widths = [max((len(row[column]) for row in rows), default=0) for column in range(5)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([f"{self._named}:", *lines])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in change.row())}</tr>"
            for change in self._all()
        )
        return f"<b>{escape(self._named)}</b><table><tbody>{rows}</tbody></table>"

    def _all(self) -> list[LastChange]:
        existence = [self.existence] if self.existence is not None else []
        return [*existence, *self.fields.values(), *self._properties.values()]
