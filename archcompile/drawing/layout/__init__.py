"""Where a figure goes: rows and columns, then pixels and the way of every edge."""
