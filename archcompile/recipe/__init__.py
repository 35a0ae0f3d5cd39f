"""Recipes: how a network is trained, as YAML; what they say is worked out here, without a framework."""
