"""Drawings of a graph: what a figure shows, where it goes, and the kinds of file it is written
as.
"""
