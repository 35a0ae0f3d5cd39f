"""A graph as Python source that builds the same Keras model, flat or with functions and loops."""
