"""The line to a Jupyter server: finding it, one WebSocket for all sessions, requests beside it."""
