"""The expressions of the language."""
