"""What a recipe says of its pictures, in words."""

from archcompile.recipe.pictures import (
    Erase,
    Jitter,
    Mix,
    RandAugment,
    ResizedCrop,
    TrivialAugment,
)


def _range(ends: tuple[float, float]) -> str:
    return f"{ends[0]:.3g} to {ends[1]:.3g}"


def resized_crop_words(crop: ResizedCrop) -> str:
    return (
        f"a part of {_range(crop.area)} of the area, {_range(crop.ratio)} times as wide as high, "
        "resized"
    )


def jitter_words(jitter: Jitter | None) -> str:
    if jitter is None:
        return "as they are"
    factors = ("brightness", "contrast", "saturation")
    parts = [f"{name} ±{getattr(jitter, name):g}" for name in factors if getattr(jitter, name)]
    parts += [f"hue ±{jitter.hue:g} of the circle"] if jitter.hue else []
    return ", ".join(parts) or "as they are"


def policy_words(policy: RandAugment | TrivialAugment | None) -> str:
    if policy is None:
        return "none"
    if isinstance(policy, TrivialAugment):
        return f"TrivialAugment, wide, {policy.interpolation}"
    spread = f" ± {policy.deviation:g}" if policy.deviation else ""
    return (
        f"RandAugment, {policy.ops} of {policy.table}'s ops, magnitude "
        f"{policy.magnitude:g}{spread}, {policy.interpolation}"
    )


def erase_words(erase: Erase | None) -> str:
    if erase is None:
        return "nothing"
    fill = {"zero": "zeros", "colour": "a random colour", "noise": "noise"}[erase.fill]
    return (
        f"in {erase.probability:.4g} of the images {_range(erase.area)} of the area, "
        f"{_range(erase.ratio)} times as high as wide, for {fill}"
    )


def mix_words(mix: Mix | None) -> str:
    if mix is None:
        return "none"
    names = [
        *([f"mixup {mix.mixup:g}"] if mix.mixup else []),
        *([f"CutMix {mix.cutmix:g}"] if mix.cutmix else []),
    ]
    switch = f" in {mix.switch:.4g} of them" if mix.mixup and mix.cutmix else ""
    some = "" if mix.probability == 1 else f", {mix.probability:.4g} of the batches"
    return " or ".join(names) + switch + some
