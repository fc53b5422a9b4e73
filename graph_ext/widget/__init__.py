"""The notebook widget: a live canvas of a session, its looks, and a still picture of it."""

from graph_ext.widget.widget import GraphWidget

__all__ = ["GraphWidget"]
