"""Each class, and what was taken for what, in words."""

from archcompile.report.classes import ConfusionMatrix, class_rows, confusions, worst_first

MATRIX = ConfusionMatrix(
    ("cat", "dog", "cow", "emu"), ((2, 8, 0, 0), (1, 3, 0, 0), (0, 0, 1500, 0), (0, 0, 0, 0))
)


def test_the_worst_class_comes_first() -> None:
    assert [(first.name, first.accuracy) for first in worst_first(MATRIX)] == [
        ("cat", 0.2),
        ("dog", 0.75),
        ("cow", 1.0),
        ("emu", None),
    ]
    assert class_rows(MATRIX) == (
        [
            ("cat", "0.2000", "2 of 10"),
            ("dog", "0.7500", "3 of 4"),
            ("cow", "1.0000", "1,500 of 1,500"),
            ("emu", "", "no images"),
        ],
        "",
    )


def test_of_many_classes_the_rest_is_summed_up() -> None:
    rows, rest = class_rows(MATRIX, most=3)
    assert [row[0] for row in rows] == ["cat", "dog"]
    assert rest == "and 2 more, from 1.0000 to 1.0000, 1 of them without images"


def test_confusions_in_words() -> None:
    assert [str(first) for first in confusions(MATRIX)] == [
        "cat taken for dog: 8 of 10",
        "dog taken for cat: 1 of 4",
    ]
    assert [str(first) for first in confusions(MATRIX, most=1)] == ["cat taken for dog: 8 of 10"]
    many = ConfusionMatrix(("a", "b"), ((897, 1103), (0, 5)))
    assert str(confusions(many)[0]) == "a taken for b: 1,103 of 2,000"
