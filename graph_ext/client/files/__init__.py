"""Graphs read from files and written to them, and archives of whole sessions."""
