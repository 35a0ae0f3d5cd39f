"""What a drawing shows: boxes and edges at one level of detail, before anything has a place."""
