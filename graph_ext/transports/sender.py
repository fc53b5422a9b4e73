"""Requests to addresses that people have written: where they may lead, and how long they may take.

Whether an address may be connected to is decided of the address that is really connected to, by a
resolver of the client's own; so a name that leads elsewhere the next time it is asked for (DNS
rebinding) gets nowhere, and neither does an address in one of its many spellings. Made by
extension.py, used by hub/delivery.py.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.httputil import HTTPInputError
from tornado.iostream import StreamClosedError
from tornado.netutil import Resolver
from tornado.simple_httpclient import HTTPTimeoutError, SimpleAsyncHTTPClient

from graph_ext.core.errors import ForbiddenError, UnavailableError
from graph_ext.hub.webhook import Answer

__all__ = ["GuardedResolver", "HttpSender", "Network", "is_public", "read_networks"]

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_CONNECT_S = 10.0
_REQUEST_S = 20.0
_ANSWER_BYTES = 64 * 1024  # read of an answer, of which the status alone is of interest

_SHARED = ip_network("100.64.0.0/10")  # between a provider and its customers (RFC 6598)
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))  # RFC 6052, RFC 8215
_COMPATIBLE = ip_network("::/96")  # an IPv4 address in an old form (RFC 4291, 2.5.5.1)

_Resolved = list[tuple[int, Any]]


def is_public(address: Address) -> bool:
    """Whether an address, and an IPv4 address that it may stand for, is of the open internet."""
    refused = (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or not address.is_global
    )
    if isinstance(address, IPv4Address):
        return not refused and address not in _SHARED
    if address.is_site_local or address.teredo is not None:
        return False
    within = _embedded(address)
    if within is not None:
        return is_public(within)
    return not refused


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to: mapped, 6to4, NAT64 or compatible."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in (*_NAT64, _COMPATIBLE)):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None


class GuardedResolver(Resolver):
    """Finds the addresses of a host, of which only those come through that may be connected to.

    Parameters
    ----------
    networks : iterable of Network
        Allowed besides the open internet.
    look_up : callable, optional
        Finds all of them; by default, the system does.
    """

    def initialize(
        self,
        networks: Iterable[Network] = (),
        look_up: Callable[[str, int], Any] | None = None,
    ) -> None:
        """Take the parameters; called by Tornado."""
        self._networks = tuple(networks)
        self._look_up = look_up or _look_up

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> _Resolved:
        """Return the addresses that may be connected to.

        Raises
        ------
        ForbiddenError
            There is none.
        OSError
            There is no such host.
        """
        found: _Resolved = [
            (kind, address)
            for kind, address in await self._look_up(host, port)
            if family in {socket.AF_UNSPEC, kind} and self._allowed(address[0])
        ]
        if not found:
            raise ForbiddenError(
                f"{host[:100]} is an address of this machine or of a private network",
                fix="choose a public one, or have the server's operator add its network to "
                "GraphExtension.webhook_networks",
            )
        return found

    def _allowed(self, text: str) -> bool:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False
        if is_public(address):
            return True
        forms: list[Address] = [address]
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            forms.append(address.ipv4_mapped)
        return any(form in network for form in forms for network in self._networks)


async def _look_up(host: str, port: int) -> _Resolved:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, address) for family, _, _, _, address in found]


class HttpSender:
    """Sends the requests of webhooks (see :class:`graph_ext.hub.webhook.Sender`).

    Parameters
    ----------
    resolver : GuardedResolver
        Decides where they may go.
    clock : callable
        Unix seconds, UTC.
    connect_s, request_s : float
        How long it may take to connect, and all in all.
    """

    def __init__(
        self,
        resolver: GuardedResolver,
        clock: Callable[[], float],
        connect_s: float = _CONNECT_S,
        request_s: float = _REQUEST_S,
    ) -> None:
        self._clock = clock
        self._connect_s = connect_s
        self._request_s = request_s
        # of its own: the server's client may have been given another resolver or proxies
        self._client = SimpleAsyncHTTPClient(
            force_instance=True,
            max_clients=1000,  # hub/webhooks.py bounds them; one that waits here would time out
            resolver=resolver,
            max_buffer_size=2 * _ANSWER_BYTES,
            max_header_size=_ANSWER_BYTES,
            max_body_size=_ANSWER_BYTES,
        )

    async def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """POST a body; redirects are not followed.

        Raises
        ------
        ForbiddenError
            The address leads where nothing may be sent to.
        UnavailableError
            No answer in time, or none that can be read.
        """
        request = HTTPRequest(
            url,
            method="POST",
            headers=headers,
            body=body,
            follow_redirects=False,
            decompress_response=False,
            validate_cert=True,
            connect_timeout=self._connect_s,
            request_timeout=self._request_s,
        )
        try:
            answer = await self._client.fetch(request, raise_error=False)
        except ForbiddenError:
            raise
        except HTTPTimeoutError as error:
            raise UnavailableError(f"It took too long: {error.message}") from error
        except (HTTPClientError, HTTPInputError, StreamClosedError, OSError, ValueError) as error:
            # a refused connection, a certificate that is not valid, an answer that is no HTTP
            raise UnavailableError(f"It can't be reached: {error}") from error
        return Answer(answer.code, self._retry_after_s(answer.headers.get("Retry-After", "")))

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def _retry_after_s(self, text: str) -> float | None:
        """Read ``Retry-After``: seconds, or a date (RFC 9110, 10.2.3)."""
        if text.isascii() and text.isdecimal():
            return float(text[:9])
        try:
            return parsedate_to_datetime(text).timestamp() - self._clock()
        except (ValueError, OverflowError):
            return None


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks as in ``10.0.0.0/8`` (ValueError)."""
    return tuple(ip_network(text) for text in texts)
