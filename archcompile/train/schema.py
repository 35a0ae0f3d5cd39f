"""Experiments as JSON Schema, for editors."""

from archcompile.spec.json_schema import Schema, document, of_model
from archcompile.train.experiment import Experiment


def experiment_schema() -> Schema:
    """The schema of an experiment file."""
    return document(of_model(Experiment), "Which networks are trained by which recipes.")
