"""Text that is no YAML, or stands at the wrong depth: the place and the mend."""

import pytest

from archcompile.api import compile_text
from archcompile.errors import SpecError

START = "archc: 1\ninput: [8, 8, 3]\n"
TEXTS = {
    "an item further left": (
        "stem:\n  - relu\n - bn\n",
        "5:2",
        "this `-` stands in column 2, the one above in column 3",
    ),
    "an item further right": (
        "stem:\n- relu: {name: a}\n    - relu\n",
        "5:5",
        "in column 5, the one above in column 1",
    ),
    "a key further right": (
        "stages:\n  s1:\n    block: basic\n     filters: 3\n",
        "6:13",
        "this key stands deeper",
    ),
    "no dash": (
        "stem:\n- conv: {filters: 4, kernel: 3}\n  relu\n",
        "5:3",
        "a step of a list begins with `- `",
    ),
    "no comma": (
        "stem: [conv: {filters: 4 kernel: 3}]\n",
        "3:32",
        "a comma is missing, or `}` for the `{` of line 3",
    ),
    "no bracket": ("stem:\n- conv: {filters: 4\n", "4:9", "`}` for the `{` of line 4"),
    "a tab": ("stem:\n\t- relu\n", "4:1", "indent with spaces"),
    "a colon in text": (
        "about: one: two\nstem: [relu]\n",
        "3:11",
        "a colon in plain text needs quotes",
    ),
    "attributes as deep as the step": (
        "stem:\n  - conv:\n    filters: 4\n",
        "4:5",
        "further than `conv:`",
    ),
    "a row as deep as its stage": (
        "stages:\n  s1:\n  s2: [relu]\n",
        "4:6",
        "indent what belongs to this key",
    ),
    "steps without a dash": ("stem:\n  relu: {}\n", "4:3", "begin each step with `- `"),
}


@pytest.mark.parametrize(("text", "place", "hint"), TEXTS.values(), ids=TEXTS)
def test_a_wrong_indent_and_its_kin(text: str, place: str, hint: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_text(START + text)
    found = caught.value.diagnostics[0]
    assert str(found.location) == f"spec.yaml:{place}" and hint in (found.hint or "")
    assert found.location.text
