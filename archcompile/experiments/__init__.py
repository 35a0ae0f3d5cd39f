"""Many trainings described by one file."""
