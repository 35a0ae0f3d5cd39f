"""The words of docs/language.md."""

KEYS = [
    "archc", "name", "about", "extends", "uses", "remove", "vars", "input", "defaults", "blocks", "shortcuts",
    "shortcut", "stem", "stages", "head", "outputs", "expect", "train", "allow", "args", "body", "block",
    "repeat", "first", "last", "after", "steps", "name", "from", "with", "branches", "if", "rule", "int",
    "float", "bool", "str", "one_of", "params", "trainable", "non_trainable", "joins", "output", "shapes",
    "activation", "block_input", "branch", "none",
]

FACTS = [
    "in_height", "in_width", "in_channels", "index", "repeat", "unit_index", "unit_count", "turn", "turns",
    "out_channels", "stride", "shape_changes",
]

SIGNS = [
    "+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "not", "if", "else", "min",
    "max", "floor", "ceil", "make_divisible", "true", "false",
]
