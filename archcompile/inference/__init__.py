"""Runs evaluated and used to predict."""
