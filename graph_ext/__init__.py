"""graph_ext: people, kernels and agents at work on one typed graph in Jupyter."""

__version__ = "0.1.0"
