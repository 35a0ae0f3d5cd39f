"""What editors and people are told about a spec: JSON Schema, and where each value came from."""
