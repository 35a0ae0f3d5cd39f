"""A run or a spec in the formats of other programs: ONNX, LiteRT, TensorFlow and Keras.

Each file is loaded in the program that it is for, and compared, before it is kept. Imports
`keras_model`, `run_folder`, `engine` and `verification`; the formats' packages inside functions.
Gives `export` to the command line.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
