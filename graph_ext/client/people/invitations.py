"""Links that let others in: what they look like, and what is in them.

What lets somebody in stands in the fragment (after ``#``), which browsers send to no server: so it
is in nobody's log. JupyterLab's panel reads the same links (labextension/src/panel/invitation.ts).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from msgspec import Struct

from graph_ext.client.connection.discovery import Server
from graph_ext.core.access import Role
from graph_ext.core.errors import NotFoundError

__all__ = ["FRAGMENT", "Invitation", "base_of", "link_to", "token_of"]

FRAGMENT = "graph-ext-invitation="


class Invitation(Struct, frozen=True, kw_only=True):
    """An invitation that was just made; ``print`` it, and send what is printed.

    Attributes
    ----------
    link : str
        Known now, and never again.
    role : str
        What who accepts it becomes: editor or viewer.
    expires_at : float or None
        Unix seconds, UTC; None: never.
    uses : int or None
        How many may accept it; None: any number.
    invitation_id : str
        For ``g.revoke``.
    """

    link: str
    role: Role
    expires_at: float | None
    uses: int | None
    invitation_id: str

    def __str__(self) -> str:
        return self.link


def link_to(server: Server, token: str, environ: Mapping[str, str] | None = None) -> str:
    """Return the link of a token: an address of JupyterLab at a server.

    Under JupyterHub a kernel knows its server by another address than people do. Where the hub
    tells its public one, that is taken; else the link is a path, to be put behind the address at
    which people reach the hub.
    """
    environ = os.environ if environ is None else environ
    base = server.url
    if server.parent and environ.get("JUPYTERHUB_SERVICE_PREFIX"):
        public = urlsplit(environ.get("JUPYTERHUB_PUBLIC_URL", ""))
        origin = f"{public.scheme}://{public.netloc}" if public.netloc else ""
        base = f"{origin}{server.base_url}"
    return f"{base}lab#{FRAGMENT}{token}"


def token_of(link: str) -> str:
    """Return what is in a link; a bare token is taken as it is.

    Raises
    ------
    NotFoundError
        It is no link to a graph.
    """
    _, found, token = link.strip().rpartition(FRAGMENT)
    token = token.partition("&")[0]
    if (not found and "/" in token) or not token:
        raise NotFoundError(
            "this is no link to a graph", fix=f"it must end with #{FRAGMENT} and what follows it"
        )
    return token


def base_of(link: str) -> str | None:
    """Return the URL of the server that a link leads to; None for a bare token."""
    parts = urlsplit(link.strip())
    if not parts.netloc:
        return None
    return f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix('lab')}"
