"""A graph as a still picture: SVG text of what the canvas would show. Pure, as core is.

``channels`` say what a node's colour, size and name are taken from, ``scales`` make looks of the
values, ``sketch`` takes them out of the graph, ``placing`` finds a place for what has none,
``drawing`` writes. The page's canvas does the same live (labextension/src/canvas/channels.ts,
scales.ts): tests/widget/looks.json holds for both.
"""
