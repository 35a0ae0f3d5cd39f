"""Keras' description of a model, read as plain data: no framework, no code run, stock classes only."""
