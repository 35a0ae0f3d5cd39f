"""Which words are offered first: those that must be given, then those that are usual.

The lists are in the order of use in the specs that ship; a test counts these.
"""

from collections.abc import Iterable, Iterator

from archcompile.editor.offers import Offer
from archcompile.editor.slots import Slot

USUAL_STEPS = (
    *("conv", "bn", "relu", "dense", "global_avg_pool", "max_pool", "shortcut", "dropout", "pad"),
    *("concat", "avg_pool", "flatten", "add", "rescale"),
)
USUAL_ATTRIBUTES = ("activation", "stride", "padding", "bias", "with", "if", "name", "from")
# in the order in which a file, a row and a definition are written
USUAL_KEYS = {
    "file": (
        *("archc", "about", "extends", "uses", "vars", "input", "defaults", "stem", "stages"),
        *("shortcut", "head", "blocks", "expect"),
    ),
    "stage": ("block", "repeat", "first", "with"),
    "definition": ("about", "args", "body"),
    "attributes": USUAL_ATTRIBUTES,
    "kind defaults": ("bias", "init", "l2", "padding", "activation"),
    "step": USUAL_STEPS,
    "defaults": USUAL_STEPS,
}


def by_use(offers: Iterable[Offer], slot: Slot) -> Iterator[Offer]:
    """The same offers: needed ones, usual ones, names of the file, then the rest as it comes."""
    usual = USUAL_KEYS.get(slot.kind, ())

    def rank(offer: Offer) -> tuple[int, int]:
        if offer.is_needed:
            return 0, 0
        if offer.word in usual:
            return 1, usual.index(offer.word)
        return (2 if offer.kind in ("argument", "block", "rule") else 3), 0

    yield from sorted(offers, key=rank)
