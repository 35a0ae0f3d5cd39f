"""A folded graph as the YAML of a spec."""
