"""Training under TensorFlow: the step, the model it runs, and what feeds it."""
