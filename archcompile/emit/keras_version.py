"""The oldest Keras that computes what archc's graphs say, measured (docs/results/keras.md)."""

OLDEST = "3.12"  # PLACEHOLDER
