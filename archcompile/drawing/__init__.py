"""Drawings of a graph, in three rooms that follow one another.

`figure` decides what a drawing shows, `layout` where it goes, `formats` how it is written. Imports
`graph` and `analyses`; matplotlib and resvg only for PNG and PDF. Offers nothing itself: other
rooms import from the three.
"""
