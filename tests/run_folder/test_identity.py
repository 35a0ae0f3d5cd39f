"""What a run is known by: the network that is trained, whatever its one output is called."""

from archcompile.api import compile_text
from archcompile.run_folder.identity import Identity, trained_hash

NET = (
    "archc: 1\ninput: [8, 8, 3]\nstem: [conv: {filters: 2, kernel: 3}]\nhead: [global_avg_pool, "
    "dense: {units: 2}]\n"
)


def test_runs_from_before_labels_were_part_of_the_hash_are_still_known() -> None:
    labelled = compile_text(NET + "outputs: {scores: head}\n")
    assert labelled.hash != compile_text(NET).hash
    assert trained_hash(labelled) == trained_hash(compile_text(NET)) == compile_text(NET).hash
    assert (
        trained_hash(compile_text(NET.replace("filters: 2", "filters: 3")))
        != compile_text(NET).hash
    )


def test_keys_of_another_version_make_another_training() -> None:
    """Also where this version knows nothing of them."""
    known = {"spec": "a" * 64, "recipe": {"batch_size": 32}, "data": "b" * 64, "seed": 0}
    later = Identity({**known, "precision": "int4"})
    assert later != Identity(known)
    assert later.differences(Identity(known)) == ["precision is int4 there and null here"]
    assert Identity(known).restrict(["seed", "init"]).record == {"seed": 0, "init": None}
