"""Random pipelines on random data against live scikit-learn: random_pipelines.py PROBE BUILD

Each has a seed; `--first 4711 --count 1` asks that one again. What differs is shrunk. With --write the
outcome is written to docs/reference/scikit-learn-properties.md.
Exit status: 0 where nothing differs, 1 where something does, 77 where there is no environment.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Dict, List

from environment import HERE, NEWEST, Skip, add_boosters, make_environment

SKIPPED = 77
DOCUMENT = os.path.normpath(
    os.path.join(HERE, "..", "..", "docs", "reference", "scikit-learn-properties.md")
)
# A process answers for so many seeds; one that scikit-learn does not survive costs no more than these.
BATCH = 50
# Of a batch. Some fits are native code that nothing interrupts.
SECONDS = 900


def ask(python: str, probe: str, first: int, count: int) -> List[Dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.jsonl")
        script = os.path.join(HERE, "live", "run.py")
        command = [python, "-B", "-W", "ignore", script, probe, out, "properties", str(first), str(count)]
        found: List[Dict[str, Any]] = []
        try:
            done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=SECONDS)
            said = done.stderr.decode("utf-8", "replace")[-500:] if done.returncode else ""
        except subprocess.TimeoutExpired:
            said = "did not end in %d seconds" % SECONDS
        if os.path.exists(out):
            with open(out, encoding="utf-8") as file:
                found = [json.loads(line) for line in file]
        if said:
            # Never passed over: scikit-learn, or these scripts, did not survive that seed.
            lines = said.strip().splitlines() or [""]
            found.append({"seed": first + len(found), "unfit": lines[-1]})
            print("seed %d ends its process: %s" % (found[-1]["seed"], lines[-1]))
            left = count - len(found)
            if left > 0:
                found += ask(python, probe, first + len(found), left)
        return found


def reason_of(text: str) -> str:
    return text.split(" (and ")[0]


class Report:
    def __init__(self, results: List[Dict[str, Any]]) -> None:
        self.unfit = [each for each in results if "unfit" in each]
        fitted = [each for each in results if "unfit" not in each]
        self.wrong = [each for each in fitted if "wrong" in each]
        right = [each for each in fitted if "wrong" not in each]
        self.refused = [each for each in right if each["refused"]]
        self.agreeing = [each for each in right if not each["refused"]]
        self.reasons = Counter(reason_of(text) for each in self.refused for text in each["refused"])
        self.values = sum(each["values"] for each in right)
        self.flips = sum(each["flips"] for each in right)
        self.proofs = Counter()  # type: Counter[str]
        for each in right:
            self.proofs.update(each["proofs"])
        self.worst = max((each["error"] for each in right), default=0.0)

    def lines(self) -> List[str]:
        return [
            "%d pipelines: %d agree, in %d values, the largest error %.2g; of %d rows a rounding or a tie decides"
            % (self.count(), len(self.agreeing), self.values, self.worst, self.flips),
            "of those %s" % ", ".join("%d are %s" % (self.proofs[kind], kind) for kind in sorted(self.proofs)),
            "%d are refused, %d differ; %d more seeds gave nothing that scikit-learn fits"
            % (len(self.refused), len(self.wrong), len(self.unfit)),
        ]

    def count(self) -> int:
        return len(self.wrong) + len(self.refused) + len(self.agreeing)


def document(report: Report, first: int, last: int) -> str:
    lines = [
        "# Random pipelines against scikit-learn " + NEWEST,
        "",
        "Written by `make properties`: pipelines of random nesting, options and data (ties, constants, missing",
        "values, extreme magnitudes), asked as a batch and as a single row, every public method. An error is",
        "relative to the larger of the value and its column's largest: at most 1e-9, 1e-12 where no sum is",
        "involved whose order BLAS chooses, and nothing for trees and counts.",
        "",
        "A row that is further away is counted apart where the run shows that a rounding or a tie decides it:",
        "",
        "- proved: every estimator of the pipeline is asked of Sooth by itself, with what scikit-learn gives it,",
        "  and answers what scikit-learn's own arithmetic can give: with Sooth's answers in their places",
        "  scikit-learn's pipeline then answers as Sooth's. Of linear models, projections, support vectors,",
        "  centres and what is made of kernels, it can give what lies within n roundings of the sum of the",
        "  magnitudes of n terms, around a sum with more digits; KNNImputer the mean of any donors of which no",
        "  other is nearer by more than the roundings of x.x + y.y - 2 x.y (which of equally near ones NumPy",
        "  takes depends on the processor); any other what is 16 units in the last place away, its own or,",
        "  where BLAS sums, of the largest of its column.",
        "- alone: scikit-learn itself answers as Sooth does when it is asked for that row by itself, and",
        "  otherwise among others (it orders equally near neighbours by how many rows are asked).",
        "- met: it answers as Sooth does when last places of its own arithmetic are drawn at random: results",
        "  of inner estimators, fitted numbers that sums are made of, and distances computed as x.x + y.y -",
        "  2 x.y, each moved by 1 to 16 units in the last place, those of a linear model by no more than it",
        "  has features and two; and where the numbers of a sparse row stand in another order.",
        "- moved: its answers then lie apart by half of what Sooth's is away, or more. Where a linear model",
        "  comes last, no more than a twentieth of the rows, or two.",
        "",
        "A row is none of these where an estimator's answer lies outside of what its arithmetic can give, however",
        "far drawn roundings move the rest. Neither the rows that are asked are moved, nor what is exact or only",
        "compared with; pipelines of trees and counts alone have no such rows. Not seen is what is smaller than",
        "these roundings: a number off by 1e-8 whose share of a sum is less than the rounding of the others'.",
        "`tests/agreement/live/judge_test.py` and `stepwise_test.py` show that a coefficient, an intercept or a",
        "number of a kernel machine off by 1e-8, or a donor or neighbour that is not as near, is not taken for a",
        "rounding.",
        "",
        "Seeds %d to %d: " % (first, last) + "; ".join(report.lines()) + ".",
        "",
    ]
    if report.wrong:
        lines += ["| seed | smallest model that differs | how |", "| --- | --- | --- |"]
        for each in report.wrong:
            lines.append("| %d | `%s` | %s |" % (each["seed"], each["model"].replace("|", "\\|"), "; ".join(each["wrong"][:2])))
        lines.append("")
    if report.reasons:
        lines += ["| refused for | pipelines |", "| --- | ---: |"]
        lines += ["| %s | %d |" % (reason, count) for reason, count in report.reasons.most_common()]
        lines.append("")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("probe")
    parser.add_argument("build")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    build = os.path.abspath(options.build)
    os.makedirs(build, exist_ok=True)
    try:
        environment = make_environment(NEWEST, build)
    except Skip as reason:
        print("skipped: %s" % reason)
        return SKIPPED
    add_boosters(NEWEST, os.path.join(build, "venv-" + NEWEST))
    last = options.first + options.count
    started = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [
            pool.submit(ask, environment.python, os.path.abspath(options.probe), at, min(BATCH, last - at))
            for at in range(options.first, last, BATCH)
        ]
        results = [each for one in running for each in one.result()]
    report = Report(results)
    for each in report.wrong:
        print("FAILED seed %d: %s: %s" % (each["seed"], each["model"], "; ".join(each["wrong"][:3])))
    for line in report.lines():
        print(line)
    for reason, count in report.reasons.most_common():
        print("refused %d: %s" % (count, reason))
    print("took %.0f s" % (time.monotonic() - started))
    if options.write:
        with open(DOCUMENT, "w", encoding="utf-8") as file:
            file.write(document(report, options.first, last - 1))
    return 1 if report.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
