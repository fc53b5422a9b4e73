"""Which certificates are trusted: those of this system, and those that SSL_CERT_FILE names.

Tornado's own default is made when it is imported, which in a kernel is before anybody can say so.
"""

from __future__ import annotations

import ssl

__all__ = ["tls_context"]


def tls_context(url: str) -> ssl.SSLContext | None:
    """Return how to check the certificate of a server; None where there is no TLS."""
    return ssl.create_default_context() if url.startswith(("https:", "wss:")) else None
