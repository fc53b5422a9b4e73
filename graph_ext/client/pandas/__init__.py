"""Data frames become nodes and edges, and a graph becomes data frames."""
