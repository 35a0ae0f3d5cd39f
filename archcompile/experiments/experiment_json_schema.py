"""Experiments as JSON Schema, for editors."""

from archcompile.experiments.definition import Experiment
from archcompile.spec.schema import Schema, document, of_model


def experiment_schema() -> Schema:
    """The schema of an experiment file."""
    return document(of_model(Experiment), "Which networks are trained by which recipes.")
