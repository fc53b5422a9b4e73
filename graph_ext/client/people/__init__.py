"""Who is in a session, what they look at, who may come, and whom the server tells."""
