"""The oldest Keras under which printed source computes what the graph says.

Measured: docs/results/keras.md.
"""

OLDEST = "3.9"
