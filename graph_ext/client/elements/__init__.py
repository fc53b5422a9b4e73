"""Nodes and links as networkx has them: by their keys, looked for, and in their tree."""
