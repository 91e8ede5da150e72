#!/usr/bin/env python3
"""Runs the cases on the cluster that is up: `tools/cluster_test.sh` brings it up and calls this in
its network. Prints PASS or FAIL for each, with what was measured."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cases import CASES, Case  # noqa: E402
from cluster import ROOT, Failure, Sooth  # noqa: E402
from story import Story, prepare  # noqa: E402


def attempt(case: Case, story: Story) -> bool:
    title = (case.__doc__ or case.__name__).splitlines()[0]
    started = time.monotonic()
    try:
        note = case(story)
    except (Failure, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        print(f"FAIL cluster: {title}: {error}", flush=True)
        if not isinstance(error, Failure):
            traceback.print_exc()
        return False
    took = time.monotonic() - started
    story.end_namespaces()
    print(f"PASS cluster: {title} ({took:.0f} s{'; ' + note if note else ''})", flush=True)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, default=ROOT / "build/release/sooth")
    parser.add_argument("--work", type=Path, default=ROOT / "build/cluster-test")
    parser.add_argument("--only", help="cases whose name holds this")
    options = parser.parse_args()
    shutil.rmtree(options.work, ignore_errors=True)
    options.work.mkdir(parents=True)
    story = prepare(Sooth(options.program, options.work))
    cases = [each for each in CASES if not options.only or options.only in each.__name__]
    return 0 if all([attempt(each, story) for each in cases]) else 1


if __name__ == "__main__":
    sys.exit(main())
