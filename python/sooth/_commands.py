"""The image of a version."""

from __future__ import annotations

import os
from typing import Any, List, Optional, Union

from ._program import run
from ._results import Built, Registered


def build(
    version: Union[str, Registered],
    output: Union[str, "os.PathLike[str]"],
    *,
    base: Optional[str] = None,
    workspace: Optional[str] = None,
) -> Built:
    """Makes the container image of a version: an archive for `docker load`, or an OCI layout where
    `output` ends with "/". `base` is an image to build upon."""
    path = os.fspath(output)
    arguments: List[str] = ["build", str(version), "-o", path]
    if base is not None:
        arguments += ["--base", base]
    answer: Any = run(arguments, workspace)
    return Built(reference=str(answer["reference"]), digest=str(answer["digest"]), path=path)
