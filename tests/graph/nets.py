"""A small network of every kind of wiring, and the names of what ships."""

from archcompile.shipped import shipped_specs

NET = """\
archc: 1
input: [8, 8, 3]
vars: {width: 4}
stem:
  - conv: {filters: $width, kernel: 3, name: entry}
  - bn
  - relu
head:
  - concat: {branches: {left: [conv: {filters: 2, kernel: 1}], \
right: [max_pool: {size: 3, stride: 1, padding: same}]}}
  - multiply: {branches: {once: [], again: []}}
  - global_avg_pool
  - dense: {units: 2, activation: softmax}
"""
ALL = sorted(shipped_specs())
SMALL = [name for name in ALL if not name.endswith(("_1001", "_1202"))]
