"""Holds a refactoring to what archc said before it: `python -m tests.replay record FILE`, change,
`… compare FILE`.
"""
