"""The oldest Keras under which printed source computes what the graph says, measured:
docs/results/keras.md.
"""

OLDEST = "3.9"
