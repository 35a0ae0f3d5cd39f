"""A graph folded into blocks, rows and shortcut rules where it repeats."""
