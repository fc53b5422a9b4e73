"""``g.versions``: the revs of a session that have a name. The log never lets go of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from graph_ext.client.history.log import local_time
from graph_ext.core.errors import NotFoundError
from graph_ext.core.json_values import did_you_mean, shown
from graph_ext.protocol.http import Version

__all__ = ["Versions", "version_path"]


class Versions(Mapping[str, Version]):
    """A session's versions by name, in the order of their revs, as the server has them at a look.

    Whatever is asked here raises GraphError: the server can't be reached.

    Parameters
    ----------
    ask : callable
        Makes a request about the session: method, path, the answer's type, body.
    """

    def __init__(self, ask: Callable[..., Any]) -> None:
        self._ask = ask

    def __getitem__(self, name: str) -> Version:
        found = self._all()
        for version in found:
            if version.name == name:
                return version
        raise NotFoundError(
            f"there is no version {shown(name)}",
            fix=did_you_mean(str(name), [version.name for version in found])
            or "g.versions lists them, g.save_version(name) makes one",
        )

    def __iter__(self) -> Iterator[str]:
        return iter([version.name for version in self._all()])

    def __len__(self) -> int:
        return len(self._all())

    def remove(self, name: str) -> None:
        """Take a name away; the rev stays for as long as the log reaches back to it.

        Raises
        ------
        GraphError
            NOT_FOUND, FORBIDDEN (you may only read here), or another refusal.
        """
        self._ask("DELETE", version_path(name), type(None))

    def __repr__(self) -> str:
        lines = [
            f"{version.name}: rev {version.rev}, {local_time(version.at):%Y-%m-%d %H:%M:%S}, "
            f"{version.actor.name or version.actor.actor_id}"
            for version in self._all()
        ]
        return "\n".join(lines) or "no versions"

    def _all(self) -> list[Version]:
        found: list[Version] = self._ask("GET", "versions", list[Version])
        return found


def version_path(name: str) -> str:
    """Return the path of a version below its session."""
    return f"versions/{quote(name, safe='')}"
