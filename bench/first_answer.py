#!/usr/bin/env python3
"""How long it takes from `sooth deploy` to the first keyed answer over HTTPS, on the cluster of
tools/cluster, with the image on the nodes. Called in the cluster's network; prints JSON."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/cluster"))

from cluster import Sooth, until  # noqa: E402
from story import SMALL, Story, prepare  # noqa: E402

NAMESPACE = "first"
ROUNDS = 5


def main(program: Path, work: Path) -> None:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    story = prepare(Sooth(program, work))
    story.make_namespace(NAMESPACE)
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1"}})
    words = story.deploy_words(NAMESPACE, file, "--wait")
    rounds = []
    # The first brings the image to the nodes and is not counted.
    for number in range(ROUNDS + 1):
        started = time.perf_counter()
        deploying = story.sooth.start(*words)
        story.first_answer(NAMESPACE, 120)
        answered = time.perf_counter() - started
        output, _ = deploying.communicate(timeout=180)
        ready = time.perf_counter() - started
        if deploying.returncode != 0:
            raise SystemExit(output)
        if number > 0:
            rounds.append({"answered_s": answered, "ready_s": ready})
        story.undeploy(NAMESPACE)
        until("the route is gone", 60, lambda: not is_answered(story))
    story.end_namespaces()
    print(json.dumps(rounds))


def is_answered(story: Story) -> bool:
    try:
        return story.ask(NAMESPACE).status == 200
    except OSError:
        return False


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
