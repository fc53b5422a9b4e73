"""networkx over a session: the live view ``g.nx``, real copies, the backend, igraph, rustworkx."""
