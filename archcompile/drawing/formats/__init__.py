"""The kinds of file a drawing is written as."""
