"""schemathesis: /openapi.json against what the server does, with a fixed seed."""

import glob
import json
import os
import subprocess
import sys

from house import main
from report import Failure, expect

EXAMPLES = 30  # For each operation, beside those that cover the schema.
SEED = "1"
SECONDS_MAX = 540
# A schema cannot say that the data of a tensor are as many as its shape says.
INFER = r"/v2/models/.*/infer"


def schemathesis(model, folder, *arguments):
    out = os.path.join(folder, f"schemathesis-{model.name}-{len(arguments)}")
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    command = [program, "run", f"{model.url}/openapi.json", "--checks", "all", "--phases",
               "examples,coverage,fuzzing", "--max-examples", str(EXAMPLES), "--seed", SEED,
               "--generation-database", "none", "--continue-on-failure", "--report", "json",
               "--report-dir", out, "--no-color", "--warnings", "off", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder,
                          timeout=SECONDS_MAX)
    found = glob.glob(os.path.join(out, "json-*.json"))
    expect(found, f"expected a report, got {(done.stderr or done.stdout)[-600:]}")
    with open(max(found), encoding="utf-8") as file:
        told = json.load(file)
    problems = [f"{each['title']}: {', '.join(each['operations'])}" for each in told["failures"]]
    problems += [str(each)[:300] for each in told["errors"]]
    if problems:
        raise Failure("; ".join(problems) + f"; {first_answer(done.stdout)}")
    return f"{told['test_cases']['generated']} requests to {told['operations']['tested']} paths"


def first_answer(said):
    """How the first problem is had again."""
    lines = [line.strip() for line in said.splitlines()]
    return next((line for line in lines if line.startswith("curl ")), "")[:400]


def check_all(report, house):
    for model in (house.passengers, house.similarity):
        report.check(f"openapi: all but infer, {model.name}", schemathesis, model, house.folder,
                     "--exclude-path-regex", INFER)
        report.check(f"openapi: infer, {model.name}", schemathesis, model, house.folder,
                     "--include-path-regex", INFER, "--exclude-checks",
                     "positive_data_acceptance")


if __name__ == "__main__":
    main(check_all)
