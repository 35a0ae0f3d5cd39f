"""A graph folded into blocks, rows and shortcut rules where it repeats.

The steps are: a graph becomes a series (`trunks`, `series`), its atoms become cells (`units`),
repeating stretches of cells become the units of blocks (`cover`, `blocks`, `rules`), and what is
left becomes lists of steps (`partition`). The terms of this room:

- A **series** is a graph as a sequence of **atoms**, one behind the other. No edge passes by the
  point between two atoms.
- An **atom** is a **single** (one op with one input), a **fork** or a **tangle**.
- A **fork** is a merge whose operands come from branches that share nothing but their start. Each
  branch is a series again.
- A **tangle** is a group of ops that are wired in any other way.
- The **trunk** is the longest part of a network that is a series. It has **taps**, points that the
  rest of the network reads.
- A **cell** is one atom of the trunk. If it is the sum at the end of a skip path, the sum is
  opened: the cell holds the branch, and a **join** holds the skip path.
- A **unit** is a stretch of cells that is one use of a block, with at most one join.
- A **cover** is one block together with all stretches of cells that are its units. Its **gain** is
  the number of lines that it saves; the cover with the largest gain is taken first.
- A **form** is a step before it is text. A **column** is the values of one attribute of a step, one
  per unit; the **solver** turns a column into a literal, an expression or an argument.
- A **ramp** is a number that rises evenly from unit to unit, such as the rate of stochastic depth.
- An **idiom** is a convolution, its norm and its activation, written as one step where a network
  repeats them often.

Imports graphs, ops and, of `spec`, the words that names must avoid. Gives parts, blocks and rules
to `write`.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
