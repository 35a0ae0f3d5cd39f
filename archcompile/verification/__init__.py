"""Whether two networks are the same: in layers and wiring, then in numbers."""
