"""Runs live/judge_test.py and live/stepwise_test.py inside the environment of the newest release: judge.py BUILD

Exit status: 0 where all pass, 1 where one does not, 77 where there is no environment.
"""

import os
import subprocess
import sys

from environment import HERE, NEWEST, Skip, make_environment

SKIPPED = 77


def main(build: str) -> int:
    os.makedirs(build, exist_ok=True)
    try:
        python = make_environment(NEWEST, os.path.abspath(build)).python
    except Skip as reason:
        print("skipped: %s" % reason)
        return SKIPPED
    one_thread = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
    command = [python, "-B", "-W", "ignore", "-m", "unittest", "live.judge_test", "live.stepwise_test"]
    return subprocess.run(command, cwd=HERE, env={**os.environ, **one_thread}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
