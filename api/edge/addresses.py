"""Where a call comes from: the peer, or whoever a trusted proxy says it speaks for."""

from __future__ import annotations

import logging
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

logger = logging.getLogger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
_SECURE = {"http": "https", "ws": "wss"}


def find_address(scope: Scope) -> Address | None:
    """Return the address of the caller; None where it is not known, as behind a proxy that no setting names."""
    client = scope.get("client")
    return _parse(client[0]) if client else None


def network_of(address: Address) -> str:
    """Return what counts as one caller: an IPv4 address, or the /64 that one household or phone has of IPv6."""
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((address, 64), strict=False))


def limited_caller(scope: Scope) -> str | None:
    """Return the caller whose calls are counted; None for the machine itself and where nobody is known.

    What comes from the machine itself is an operator's program, or everybody at once by a proxy of which no setting
    tells: one limit for all of them would be none for whoever attacks and a locked door for the rest.
    """
    address = find_address(scope)
    return None if address is None or address.is_loopback else network_of(address)


class CallerAddresses:
    """Puts the caller's address and scheme in the place of the proxy's.

    X-Forwarded-For is read from its right end, where our own proxies write: the last address that is none of them is
    the caller, whatever stands further left is hearsay.
    """

    def __init__(self, app: ASGIApp, trusted: tuple[Network, ...]) -> None:
        self.app = app
        self._trusted = trusted
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Lead the call on as its caller's."""
        if scope["type"] != "lifespan":
            self._rewrite(scope)
        await self.app(scope, receive, send)

    def _rewrite(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        forwarded = headers.getlist("x-forwarded-for")
        peer = find_address(scope)
        if peer is not None and self._is_trusted(peer):
            chain = [part.strip() for line in forwarded for part in line.split(",") if part.strip()]
            scope["client"] = self._client_of(chain) or scope["client"]
            if headers.get("x-forwarded-proto", "").strip().lower() == "https":
                scope["scheme"] = _SECURE.get(scope["scheme"], scope["scheme"])
        elif forwarded and (peer is None or peer.is_loopback):
            self._warn(scope)
            scope["client"] = None

    def _client_of(self, chain: list[str]) -> tuple[str, int] | None:
        last: Address | None = None
        for part in reversed(chain):
            address = _parse(part)
            if address is None:
                break
            last = address
            if not self._is_trusted(address):
                break
        return None if last is None else (str(last), 0)

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _warn(self, scope: Scope) -> None:
        if not self._has_warned:
            self._has_warned = True
            peer = scope["client"][0] if scope.get("client") else "a socket"
            logger.warning("X-Forwarded-For comes from %s, which TRUSTED_PROXIES does not name: not believed", peer)


def _parse(text: str) -> Address | None:
    """Read an address, with or without a port, as proxies write it; None for what is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # An IPv4 caller on an IPv6 socket.
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
