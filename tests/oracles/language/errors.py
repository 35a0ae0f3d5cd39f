"""What the interpreter raises where a spec is ill-formed."""


class IllFormed(Exception):
    """The spec breaks a rule of docs/language.md, docs/language-details.md or docs/ops.md."""
