"""Training. The package can be called: `archcompile.train(SPEC, …)` is `archcompile.train.api.train(…)`.

A function of that name in `archcompile` would be replaced by this package as soon as anything imports from it.
"""

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from archcompile.train.api import train

        return train(*args, **kwargs)


sys.modules[__name__].__class__ = _Callable
