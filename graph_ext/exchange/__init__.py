"""Files of other programs: GraphML, GEXF, GML, node-link and Cytoscape JSON, CSV, DOT."""

from graph_ext.exchange.files import encoded, format_of, read_file, told_by_name, write_file
from graph_ext.exchange.graph_file import Format, GraphFile, Limits, Note

__all__ = [
    "Format",
    "GraphFile",
    "Limits",
    "Note",
    "encoded",
    "format_of",
    "read_file",
    "told_by_name",
    "write_file",
]
