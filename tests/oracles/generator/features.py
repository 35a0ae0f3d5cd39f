"""What the generator may use; a net that reads the graph another way may leave some of it out."""

ALL = frozenset({"turn", "branch_input", "block_input", "after", "repeated_blocks"})
