"""What trains: the order of images, and one framework a folder."""
