"""The folder of a run: its files, checkpoints and state, and reading them back."""
