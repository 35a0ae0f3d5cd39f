"""What the words mean that the language itself gives to steps and points; no schema says it."""

from archcompile.spec.language import BLOCK_INPUT, INPUT, PREVIOUS, SPLIT

SHORTCUT, BRANCH = "shortcut", "branch"
STEP_WORDS = {
    SHORTCUT: "Where the skip path of the block joins, by the rule that is chosen.",
    SPLIT: "The channels in named parts, equal ones or with a size each.",
}
POINT_WORDS = {
    INPUT: "The start of this list.",
    BLOCK_INPUT: "The start of the list around.",
    BRANCH: "The end of the unit's branch.",
    PREVIOUS: "Where the unit above starts.",
}
