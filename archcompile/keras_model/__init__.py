"""The Keras model of a graph: its layers as calls, the model built from them, its weights by the names of ops."""
