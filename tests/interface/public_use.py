"""The package as a type checker sees it from outside; nothing here is run."""

from typing import assert_type

import archcompile
from archcompile.interface import (
    Cost,
    Evaluations,
    Export,
    NetworkDifference,
    NetworkDrawing,
    PredictionList,
    RunComparison,
    RunList,
    SpecList,
    Summary,
    TrainedRun,
    Verification,
)

graph = archcompile.compile("resnet_v1", depth=8, sets=["shortcut=none"])
assert_type(graph, archcompile.LayerGraph)
assert_type(archcompile.summary(graph), Summary)
assert_type(archcompile.cost("resnet_v1", depth=8, level="stage"), Cost)
assert_type(archcompile.diff(graph, "resnet_v1", sets_b=["depth=8"]), NetworkDifference)
assert_type(archcompile.draw(graph, "resnet_50", style="poster", output="x.svg"), NetworkDrawing)
assert_type(archcompile.verify(graph, "resnet_v1_20", input=(32, 32, 3)), Verification)
assert_type(archcompile.list_specs(), SpecList)
run = archcompile.train(graph, recipe="digits", epochs=1, engine="jax")
assert_type(run, TrainedRun)
assert_type(archcompile.load_run(run.path), TrainedRun)
assert_type(archcompile.runs(sort="accuracy", same_arch=run), RunList)
assert_type(archcompile.compare(run, [run, "runs/x"]), RunComparison)
assert_type(archcompile.evaluate(run, ensemble=True, checkpoint="best"), Evaluations)
assert_type(archcompile.predict(run, "a.png", ["b.png", run.path]), PredictionList)
assert_type(archcompile.export(run, "onnx", passes=["fold_bn"]), Export)
for node in graph:
    node.name.upper()
    str(node.op)
try:
    graph.to_keras()
except archcompile.errors.SpecError as error:
    print(error.diagnostics[0].location.line)
