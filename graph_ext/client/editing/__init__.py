"""What changes a graph: one by one, in bulk, whole graphs, in batches and dry runs."""
