"""Commits and events as they come: ``g.follow`` and ``g.on``."""
