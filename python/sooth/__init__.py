"""Registers models with Sooth from the Python that trained them, and drives the program `sooth`.

    version = sooth.register(model, "faq", example=frame)   # proved against the model itself
    sooth.build(version, "faq.tar")                         # a container image
    with sooth.serve(version) as server:                    # a server on this machine
        server.score(frame)

The package needs nothing but Python 3.9; what a model is made with is imported where it is.
"""

from ._commands import build
from ._errors import SoothError
from ._image import Image
from ._register import register
from ._results import Built, Parity, Registered
from ._score import score
from ._serve import Server, serve

__all__ = [
    "Built",
    "Image",
    "Parity",
    "Registered",
    "Server",
    "SoothError",
    "build",
    "register",
    "score",
    "serve",
]
__version__ = "0.1.0"
