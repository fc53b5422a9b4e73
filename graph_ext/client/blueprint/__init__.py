"""Blueprints as Python writes them, and what in a graph does not fit one."""
