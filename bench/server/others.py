"""Programs beside this folder that measure something by themselves and print JSON.

What is not there, or says that it was skipped, has no rows.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from machine import ROOT, Bench

PROGRAMS = ("hot_swaps", "rolling_restarts")
SECONDS_MAX = 400


def measure(bench: Bench) -> dict[str, Any]:
    results: dict[str, Any] = {}
    for name in PROGRAMS:
        program = ROOT / f"bench/{name}.py"
        if not program.exists():
            continue
        command = [sys.executable, str(program), "--build", str(bench.build)]
        done = subprocess.run(
            command, check=False, stdout=subprocess.PIPE, text=True, timeout=SECONDS_MAX
        )
        # A program that found something failing says so in what it prints, and by its status.
        told = json.loads(done.stdout or "{}")
        if "skipped" not in told:
            results[name] = told | {"status": done.returncode}
    return results
