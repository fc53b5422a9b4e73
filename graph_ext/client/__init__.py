"""The kernel's side: a session followed over a WebSocket, as a graph that feels like networkx's."""
