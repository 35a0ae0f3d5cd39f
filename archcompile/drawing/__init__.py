"""Drawings of a graph: what a figure shows, its layout, and the file formats."""
