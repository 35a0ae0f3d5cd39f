"""YAML as values that keep their places, and values as YAML."""
