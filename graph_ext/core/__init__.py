"""The graph, its rules and its history: pure, synchronous, free of clocks and I/O."""
