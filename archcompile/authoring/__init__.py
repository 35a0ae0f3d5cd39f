"""What helps to write specs: families as tables, claims, child specs, and what ships."""
