"""What is shown about the word at a place."""

from collections.abc import Iterator

from archcompile.analyses import parts
from archcompile.editor.analysis import Analysis, Compiled
from archcompile.editor.answers import Hover, Position
from archcompile.editor.key_words import (
    KeyWords,
    attribute_words_of,
    form_at,
    keys_of_form,
    keys_of_slot,
    op_about,
)
from archcompile.editor.language_words import POINT_WORDS, STEP_WORDS
from archcompile.editor.names import Meaning, Occurrence, occurrence_at
from archcompile.editor.node_words import code, describe_nodes, prose, shape_words, sums_in_words
from archcompile.editor.slots import Slot
from archcompile.editor.surroundings import ArgumentForm, Definition
from archcompile.editor.words import Word
from archcompile.editor.worked_values import reasons, values_in_words, worked_values
from archcompile.errors import plural
from archcompile.explain import entries
from archcompile.spec.expressions import FACT_MEANINGS, is_expression
from archcompile.spec.language import shown_path
from archcompile.spec.loading import TYPES
from archcompile.spec.yaml import flow

STALE = "*of the last text without a mistake*"
_SHELVES = {"block": "blocks", "rule": "shortcuts"}


def describe(analysis: Analysis, position: Position) -> Hover | None:
    """What is known of the word at a position, as Markdown."""
    word = analysis.reading.word_at(position)
    if word is None:
        return None
    if analysis.kind in ("recipe", "experiment"):
        return _describe_foreign(analysis, word)
    occurrence = occurrence_at(analysis.surroundings, position)
    span = occurrence.span if occurrence else word.span
    paragraphs = list(_of_name(analysis, occurrence, word))
    if occurrence is None or not _is_variable_alone(occurrence, word):
        paragraphs += _of_value(analysis, word)
    words = [each for each in paragraphs if each != STALE]
    words += [STALE] if STALE in paragraphs else []  # once, at the end
    return Hover(span, "\n\n".join(words)) if words else None


def _is_variable_alone(occurrence: Occurrence, word: Word) -> bool:
    """Whether an expression is a variable and nothing else, whose words say its value."""
    meaning = occurrence.meaning
    return meaning.kind == "variable" and word.text == f"${meaning.name}"


def _of_name(analysis: Analysis, occurrence: Occurrence | None, word: Word) -> Iterator[str]:
    """What a name means, by its kind."""
    if occurrence is None:
        yield from _of_fixed_point(analysis, word)
        return
    meaning = occurrence.meaning
    match meaning.kind:
        case "op":
            yield f"**{meaning.name}**: {op_about(meaning.name)}"
            yield from _of_step(analysis, word)
        case "block" | "rule":
            yield from _of_definition(analysis, meaning)
            yield from _of_use(analysis, word)
        case "argument":
            yield from _of_argument(analysis, meaning)
        case "variable":
            yield from _of_variable(analysis, meaning.name)
        case "attribute":
            words = attribute_words_of(meaning.owner[1], meaning.name)
            yield from _of_key(meaning.name, words, f" of `{meaning.owner[1]}`")
        case "part":
            yield from _of_part(analysis, meaning.name)
        case "key":
            yield from _of_language_key(analysis, word)
        case "point":
            yield from _of_point(analysis, meaning)
        case "fact":
            yield from _of_fact(analysis, word, meaning.name)
        case "code":
            yield from _of_code(meaning.name)
        case "parent" | "library":
            yield from _of_file(analysis, meaning)


# ---- steps, rows and parts -----------------------------------------------------------------------


def _graph_to_show(analysis: Analysis) -> tuple[Compiled, str] | None:
    """What figures are taken from, and the words that say so where that is no longer the text."""
    compiled = analysis.newest
    stale = STALE if analysis.is_stale else ""
    return (compiled, stale) if compiled else None


def _of_step(analysis: Analysis, word: Word) -> Iterator[str]:
    """The layers that a step has become."""
    shown, line = _graph_to_show(analysis), analysis.lines_of_graph.get(word.span.start.line)
    if shown is None or line is None:
        return
    compiled, stale = shown
    place = (analysis.shown_file, line, word.span.start.column)
    if nodes := compiled.nodes_by_place.get(place):
        yield describe_nodes(compiled, nodes)
        yield from filter(None, [stale])


def _of_use(analysis: Analysis, word: Word) -> Iterator[str]:
    """What a block has become where a step or a stage's row uses it."""
    shown, line = _graph_to_show(analysis), analysis.lines_of_graph.get(word.span.start.line)
    if shown is None or line is None:
        return
    compiled, stale = shown
    slot = analysis.surroundings.slot(word.path)
    if slot.kind == "block":
        yield from _figures_of_part(compiled, slot.part)
        return
    place = (analysis.shown_file, line, word.span.start.column)
    nodes = compiled.nodes_by_use.get(place, ())
    ends = dict.fromkeys(shape_words(end.shape) for end in compiled.ends_by_use.get(place, ()))
    if nodes:
        costs = [compiled.costs[node.name] for node in nodes]
        yield f"{plural(len(nodes), 'layer')} → **{', '.join(ends)}** · {sums_in_words(costs)}"
        yield from filter(None, [stale])


def _of_part(analysis: Analysis, name: str) -> Iterator[str]:
    yield f"**{name}**" + ("" if name in ("stem", "head") else ": a stage")
    if shown := _graph_to_show(analysis):
        yield from _figures_of_part(shown[0], name)
        yield from filter(None, [shown[1]])


def _figures_of_part(compiled: Compiled, name: str) -> Iterator[str]:
    part = next((part for part in parts(compiled.graph) if part.name == name), None)
    if part is None:
        return
    units = f"{plural(part.units, 'unit')} of `{part.block}` · " if part.units else ""
    rules = f" by {', '.join(f'`{rule}`' for rule in part.rules)}" if part.rules else ""
    joins = f"{plural(part.joins, 'join')}{rules} · " if part.joins else ""
    yield f"{units}{joins}→ **{', '.join(map(shape_words, part.ends))}**"
    yield f"{part.totals.params:,} parameters · {part.totals.macs:,} multiply-adds"


def _of_point(analysis: Analysis, meaning: Meaning) -> Iterator[str]:
    yield f"**{meaning.name}**: a point, named here for `from` and `with`"
    shown = _graph_to_show(analysis)
    if shown and not meaning.owner[0]:
        node = shown[0].graph.nodes.get(f"{meaning.owner[1]}_{meaning.name}")
        if node:
            yield f"**{shape_words(node.shape)}**"


def _of_fixed_point(analysis: Analysis, word: Word) -> Iterator[str]:
    """A word that stands for a point which nobody names."""
    slot = analysis.surroundings.slot(word.path)
    if not word.is_key and slot.kind in ("point", "points") and word.text in POINT_WORDS:
        yield f"**{word.text}**: {POINT_WORDS[word.text]}"


# ---- definitions ---------------------------------------------------------------------------------


def _of_definition(analysis: Analysis, meaning: Meaning) -> Iterator[str]:
    """A block or a rule: what it is, its arguments, and where it stands."""
    definition = analysis.surroundings.definition(_SHELVES[meaning.kind], meaning.name)
    if definition is None:
        return
    about = definition.about or f"a {meaning.kind}"
    yield f"**{meaning.name}**: {prose(about)}"
    if definition.inputs:
        yield f"inputs: {', '.join(map(code, definition.inputs))}"
    if definition.arguments:
        lines = [f"- {argument_in_words(each)}" for each in definition.arguments.values()]
        yield "\n".join(lines)
    yield code(place_in_words(definition))


def place_in_words(definition: Definition) -> str:
    return f"{shown_path(definition.file)}:{definition.word.span.start.line}"


def argument_in_words(argument: ArgumentForm) -> str:
    """`filters`: int, must be given."""
    if argument.options:
        return f"`{argument.name}`: one of {prose(', '.join(argument.options))}; else the first"
    if argument.written in TYPES:
        return f"`{argument.name}`: {argument.written}, must be given"
    return f"`{argument.name}`: {prose(argument.written or '[…]')} unless given"


def _of_argument(analysis: Analysis, meaning: Meaning) -> Iterator[str]:
    definition = analysis.surroundings.definition(*meaning.owner)
    argument = definition.arguments.get(meaning.name) if definition else None
    if definition and argument:
        yield f"{argument_in_words(argument)} (an argument of `{definition.name}`)"


def _of_variable(analysis: Analysis, name: str) -> Iterator[str]:
    place, text = analysis.surroundings.variables.get(name, (None, ""))
    shown = _graph_to_show(analysis)
    variables = shown[0].expanded.variables if shown else {}
    value = f" = {prose(value_in_words(variables[name]))}" if name in variables else ""
    yield f"**{name}**{value}: a variable"
    if place:
        yield f"{code(f'{name}: {text}')}, {shown_path(place.file)}:{place.span.start.line}"
    if shown and shown[1]:
        yield shown[1]


def _of_fact(analysis: Analysis, word: Word, name: str) -> Iterator[str]:
    """What a fact means, and what it is where it stands."""
    envs = [worked.env for worked in worked_values(analysis, word)]
    values = dict.fromkeys(value_in_words(env[name]) for env in envs if name in env)
    value = f" = {prose(', '.join(values))}" if values else ""
    yield f"**{name}**{value}: {FACT_MEANINGS[name]}"


def value_in_words(value: object) -> str:
    from archcompile.spec.expressions import value_words

    return value_words(value) if isinstance(value, int | float | str) else str(value)


# ---- keys, codes, files --------------------------------------------------------------------------


def _of_key(name: str, words: KeyWords | None, of: str = "") -> Iterator[str]:
    if words is None:
        return
    yield f"**{name}**{of}: {words.about}"
    if words.has_default:
        yield f"`{flow(words.default)}` unless given"
    if words.options:
        yield "one of " + ", ".join(f"`{flow(option)}`" for option in words.options)


def _of_language_key(analysis: Analysis, word: Word) -> Iterator[str]:
    slot = analysis.surroundings.slot(word.path[:-1] if word.is_key else word.path)
    if slot.kind == "step" and word.text in STEP_WORDS:
        yield from _of_key(word.text, KeyWords(about=STEP_WORDS[word.text]))
    yield from _of_key(word.text, keys_of_slot(slot, analysis.kind).get(word.text))
    if (
        slot == Slot(kind="file")
        and word.text in ("stem", "head")
        and (shown := _graph_to_show(analysis))
    ):
        yield from _figures_of_part(shown[0], word.text)


def _of_code(code: str) -> Iterator[str]:
    entry = entries().get(code)
    if entry:
        yield f"**{code}**: {entry.summary}"
        yield entry.text


def _of_file(analysis: Analysis, meaning: Meaning) -> Iterator[str]:
    """The file that a parent or a library is, and what it says about itself."""
    for file in analysis.surroundings.files[1:]:
        if file.path.stem == meaning.name.rpartition("/")[2].removesuffix(".yaml"):
            yield code(shown_path(file.path))
            yield from filter(None, [prose(file.reading.text_at("about") or "")])
            return


def _describe_foreign(analysis: Analysis, word: Word) -> Hover | None:
    """A key of a recipe or an experiment."""
    form = form_at(analysis.kind, word.path[:-1])
    words = keys_of_form(form).get(str(word.path[-1]))
    paragraphs = list(_of_key(str(word.path[-1]), words))
    return Hover(word.span, "\n\n".join(paragraphs)) if paragraphs else None


# ---- values --------------------------------------------------------------------------------------


def _of_value(analysis: Analysis, word: Word) -> Iterator[str]:
    """The value of an expression, and why."""
    if word.is_key or not is_expression(word.text):
        return
    values = worked_values(analysis, word)
    if values:
        yield f"{code(word.text)} = **{prose(values_in_words(values))}**"
        lines = [f"- {reason}" for reason in reasons(values[0], word.text)]
        if lines:
            first = f"In {values[0].part}:\n" if len(values) > 1 and values[0].part else ""
            yield first + "\n".join(lines)
        yield from filter(None, [STALE if analysis.is_stale else ""])
