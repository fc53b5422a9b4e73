"""A graph's past: its log, the graph as it was, what differs, who is to blame, versions."""
