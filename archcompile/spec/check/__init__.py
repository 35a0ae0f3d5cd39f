"""What can be checked of a spec, and hints that mend it."""
