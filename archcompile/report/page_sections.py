"""The parts of the page about one run."""

from base64 import b64encode
from collections.abc import Sequence
from math import isnan

from archcompile.drawing.formats import ARROW_NAME
from archcompile.errors import plural
from archcompile.recipe import metric_words
from archcompile.report import chart
from archcompile.report.chart import Chart, Series
from archcompile.report.classes import LINES, ConfusionMatrix, confusions, worst_first
from archcompile.report.curves import LOSS, entries, traces
from archcompile.report.error_curves import COLOURS, curves_of, top
from archcompile.report.formatting import duration, figure, minute
from archcompile.report.groups import SeedGroup
from archcompile.report.label_counts import LABEL_HEAD, LabelCounts, label_rows
from archcompile.report.legend import legend_list
from archcompile.report.markup import NAMESPACE, Markup, details, pairs, table, tag, text
from archcompile.report.mistakes import Mistake
from archcompile.report.reading import Record
from archcompile.report.records import Session
from archcompile.report.records import text as file_text
from archcompile.report.scores import Scored, metric_pairs
from archcompile.run_files import RECIPE, RESOLVED

ELSEWHERE = ("seed", "kernels", "deterministic")  # options that stand in other places of the page
EXACT = metric_words("exact_match")
MANY = 30  # confusions that stand for a matrix too large to read


def headline(run: Record, scored: Scored) -> Markup:
    """What came out, what it was measured on, and what chose the best epoch."""
    scores, best = scored.scores, run.result.best if run.result else None
    average = run.result.averaged if run.result else None
    several = isinstance(scores.confusion, LabelCounts)
    measured = [pair for pair in metric_pairs(scores.metrics) if pair[0] != EXACT]
    tiles = [
        (EXACT if several else "test accuracy", figure(scores.accuracy)),
        ("test error", f"{100 * (1 - scores.accuracy):.2f} %"),
        ("test loss", figure(scores.loss)),
        ("cross-entropy", figure(scores.cross_entropy)),
        *measured,
        *([(f"best epoch ({best.epoch})", figure(best.test_accuracy))] if best else []),
        *([("averaged weights", figure(average.test_accuracy))] if average else []),
        ("epochs", f"{scored.epoch} of {run.of}"),
        ("state", run.state),
    ]
    shown = (tag("div", tag("b", text(value)), tag("span", text(name))) for name, value in tiles)
    provenance = tag("p", text(" ".join(_provenance(run, scored))), class_="caption")
    return tag("div", *shown, class_="tiles") + provenance


def _provenance(run: Record, scored: Scored) -> list[str]:
    data, best = run.environment.dataset, run.result.best if run.result else None
    sentences = [
        f"Measured on the {scored.scores.confusion.images:,} test images of {data.label} after "
        "the last epoch."
    ]
    if best:
        is_biased = best.chosen_on == "test set"
        bias = ", which biases its figure slightly upwards" if is_biased else ""
        sentences.append(
            f"The best epoch was chosen by {best.monitor} on the {best.chosen_on}{bias}."
        )
    if data.fit:
        sentences.append(f"Images were made to fit by {data.fit}.")
    return sentences


def curve_charts(run: Record) -> Markup:
    history = run.history
    epochs = history["epoch"]
    if not epochs:
        return tag("p", "No epoch was finished.")
    (errors,) = curves_of(
        [SeedGroup(mark="a", label=run.name, name=run.name, runs=(run,), figures={})]
    )

    percent = {
        "epoch": epochs,
        "error": errors.training,
        "val_error": errors.measured,
    }
    rate = Series(
        label="learning rate",
        colour=COLOURS[0],
        points=list(zip(epochs, history["learning_rate"], strict=True)),
    )
    rate_title = "learning rate at the start of each epoch"
    charts = [
        Chart(title="error (%)", lines=traces(percent, "error", run.measured), top=top([errors])),
        Chart(title=LOSS, lines=traces(history, "loss", run.measured), is_log=True),
        Chart(title=rate_title, lines=[rate], is_log=True, is_stepped=True),
    ]
    key = legend_list(entries(run.measured))
    mixed = (
        ", mixed in pairs: an image counts as right by the label with the larger share"
        if run.recipe.augment.mix
        else ""
    )
    sentence = (
        f"Training: during the epoch, on augmented images{mixed}. {run.measured.capitalize()}: "
        "after it."
    )
    trained_with = (run.environment.identity.model_extra or {}).get("recipe", {})
    if trained_with.get("loss") or trained_with.get("distill"):  # not the plain one
        sentence += (
            " The loss in training is the recipe's; in tests it is plain cross-entropy + L2."
        )
    note = tag("p", text(sentence), class_="caption")
    return key + tag("div", *map(chart.svg, charts), class_="charts") + note


def _number(value: float) -> Markup:
    return text("" if isnan(value) else f"{value:.6g}")


def history_table(run: Record) -> Markup:
    columns = {name: values for name, values in run.history.items() if values}
    epochs = list(zip(*columns.values(), strict=True))
    rows = [map(_number, epoch) for epoch in epochs]
    head = [name.replace("_", " ") for name in columns]
    return details(f"history: {plural(len(epochs), 'epoch')}", table(head, rows, "figures"))


def classes(scored: Scored) -> Markup:
    """The accuracy of each class, worst first; the confusion matrix or largest confusions.

    Of images with several labels, precision, recall and F1 of each.
    """
    matrix = scored.scores.confusion
    if isinstance(matrix, LabelCounts):
        return table(LABEL_HEAD, (map(text, row) for row in label_rows(matrix)), "figures")
    scores = worst_first(matrix)
    rows = [
        [
            text(score.name),
            _bar(score.accuracy),
            text(figure(score.accuracy)),
            text(f"{score.right:,} of {score.images:,}"),
        ]
        for score in scores
    ]
    each = table(("class", "", "accuracy", "images"), rows, "classes")
    if len(scores) <= LINES:
        left = tag("div", tag("h4", "each class"), each)
        right = tag("div", tag("h4", "confusion"), _matrix(matrix))
        return tag("div", left, right, class_="pair")
    largest = [
        (text(item.truth), text(item.predicted), text(f"{item.count:,} of {item.images:,}"))
        for item in confusions(matrix, MANY)
    ]
    taken = table(("true class", "taken for", "images"), largest)
    return (
        tag("h4", "largest confusions")
        + taken
        + details(f"each of {len(scores)} classes, the worst first", each)
    )


def _bar(share: float | None) -> Markup:
    return tag("i", class_="bar", style=f"--share:{share or 0.0:.3f}")


def _matrix(matrix: ConfusionMatrix) -> Markup:
    names, body = matrix.classes, []
    for i, row in enumerate(matrix.counts):
        count = sum(row) or 1
        cells = [_cell(value, value / count, i == j) for j, value in enumerate(row)]
        body.append(tag("tr", tag("th", text(names[i]), scope="row"), *cells))
    head = tag(
        "tr",
        tag("th", "true \\ predicted"),
        *(tag("th", tag("span", text(name)), scope="col") for name in names),
    )
    return tag(
        "div", tag("table", tag("thead", head), tag("tbody", *body), class_="matrix"), class_="wide"
    )


def _cell(value: int, share: float, right: bool) -> Markup:
    """The share of its row as depth of colour; the root lets rare mistakes be seen."""
    return tag(
        "td",
        f"{value:,}" if value else "&#183;",
        class_="right" if right else "wrong",
        style=f"--share:{share**0.5:.3f}",
    )


def mistakes(listed: Sequence[Mistake]) -> Markup:
    if not listed:
        return tag("p", "None: every test image was classified correctly.")
    return tag("div", *map(_mistake, listed), class_="mistakes")


def _mistake(mistake: Mistake) -> Markup:
    image = tag(
        "img",
        src=f"data:image/png;base64,{b64encode(mistake.png).decode()}",
        alt=f"test image {mistake.number}",
    )
    figures = f"with {mistake.probability:.3f}; its own class {mistake.of_truth:.2g}"
    if mistake.is_of_label:
        figures = f"the worst label is right with {mistake.of_truth:.2g}"
    caption = tag(
        "figcaption",
        tag("b", text(mistake.truth)),
        tag("br"),
        text(f"taken for {mistake.predicted}"),
        tag("br"),
        tag("small", text(figures)),
        tag("br"),
        tag("small", text(f"image {mistake.number}")),
    )
    return tag("figure", image, caption)


def network(scored: Scored, number: int) -> Markup:
    """The drawing of the network; `number` tells its arrows from those of other drawings."""
    if not scored.network:
        words = "The network is too large to be drawn here; archc graph draws it to a file."
        return tag("p", text(words))
    drawing = scored.network.replace(f' xmlns="{NAMESPACE}"', "")
    drawing = drawing.replace(ARROW_NAME, f"{ARROW_NAME}-{number}")
    return tag("div", drawing, class_="network")


def files(run: Record) -> Markup:
    """The recipe, and the resolved spec on demand. Raises DataError."""
    recipe, spec = (file_text(run.path / name) for name in (RECIPE, RESOLVED))
    return tag("pre", text(recipe)) + details("resolved spec", tag("pre", text(spec)))


def environment(run: Record, scored: Scored) -> Markup:
    """What was trained, and when, how and where it was."""
    environment, identity = run.environment, run.environment.identity
    rows = [
        ("folder", text(run.path)),
        ("network", text(run.name)),
        ("hash", tag("code", text(identity.spec))),
        ("parameters", f"{scored.params:,}"),
        ("outputs", text(_output_words(scored))),
        ("seed", str(identity.seed)),
        ("data", text(f"{environment.dataset.label}, from {environment.dataset.place}")),
        ("images", text(_counts(run))),
        ("fingerprint", tag("code", text(identity.data))),
    ]
    if teacher := run.recipe.distill and run.recipe.distill.teacher:
        digest = (identity.model_extra or {}).get("teacher", {}).get("weights", "")
        rows.append(("teacher", text(f"{teacher}, weights ") + tag("code", text(digest))))
    if run.result:
        rows.append(("time", text(duration(run.result.seconds))))
    options = {
        name: value
        for name, value in environment.options.items()
        if value and name not in ELSEWHERE
    }
    if options:
        words = ", ".join(f"{name} {_option(value)}" for name, value in options.items())
        rows.append(("options", text(words)))
    sessions = (_session(session, i) for i, session in enumerate(environment.sessions))
    return pairs(rows) + "".join(sessions)


def _output_words(scored: Scored) -> str:
    """What the network outputs, in words."""
    if scored.head_output == "sigmoid":
        return f"one sigmoid, the probability of {scored.scores.confusion.classes[1]}"
    return scored.head_output


def _option(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _counts(run: Record) -> str:
    data = run.environment.dataset
    kept = f", {data.validation:,} kept for validation" if data.validation else ""
    return f"{data.train:,} to train on{kept}, {data.test:,} to test on"


def _session(session: Session, number: int) -> Markup:
    versions = ", ".join(f"{name} {version}" for name, version in session.versions.items())
    devices = (
        f"{', '.join(session.gpus or session.devices)}; {session.engine}, {session.kernels} kernels"
    )
    if session.deterministic:
        devices += "; deterministic"
    rows = [
        ("command", tag("code", text(session.command))),
        ("started", text(f"{minute(session.started)} UTC")),
        ("versions", text(versions)),
        ("machine", text(f"{session.platform}; {session.processor}")),
        ("devices", text(devices)),
    ]
    return tag("h4", "resumed" if number else "begun") + pairs(rows)
