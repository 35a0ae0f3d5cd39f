"""A spec written out op by op, with shapes."""
