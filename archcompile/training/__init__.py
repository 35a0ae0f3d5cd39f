"""A training from its request to its result."""
