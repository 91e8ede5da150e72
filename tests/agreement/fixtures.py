"""Fitted estimators of 82 classes, pickled by four releases: each is run or refused."""

import os
import subprocess
import tarfile
import tempfile
from typing import List

from compare import Tally, check, predict
from environment import HERE, Environment

# The archive of a release, and the Python that wrote it.
ARCHIVES = {
    "0.23.2": ("pickles_bullseye.tar.xz", "3.9"),
    "1.2.1": ("pickles_bookworm.tar.xz", "3.11"),
    "1.4.2": ("pickles_trixie.tar.xz", "3.13"),
    "1.9.1": ("pickles_forky.tar.xz", "3.13"),
}
# Refused for more than their class.
REASONS = {
    "FunctionTransformer": 'sklearn.preprocessing.FunctionTransformer "func": expected None',
}


def unpack(archive: str, folder: str) -> str:
    """The one folder of pickles in the archive."""
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if m.isfile() and m.name.endswith(".p4.pkl")]
        for member in members:
            member.name = os.path.basename(member.name)
            tar.extract(member, folder)
    return folder


def check_refused(sooth: str, pickles: str, name: str, tally: Tally) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = os.path.join(folder, "rows.jsonl")
        open(rows, "w", encoding="utf-8").close()
        answer = predict(sooth, os.path.join(pickles, name + ".p4.pkl"), rows, "predict")
    tally.refused += 1
    expected = REASONS.get(name, "this class is not one that can be run")
    if not answer.error or expected not in answer.error:
        tally.failures.append(
            "fixtures/%s: expected %r, got %r" % (name, expected, answer.error or "answers")
        )


def check_fixtures(sooth: str, reference: str, environment: Environment) -> List[Tally]:
    archive, python = ARCHIVES[environment.release]
    path = os.path.join(reference, "sklearn_fixtures", archive)
    if not os.path.exists(path):
        print("fixtures of %s: skipped, %s is absent" % (environment.release, path))
        return []
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        pickles = unpack(path, os.path.join(folder, "pickles"))
        script = os.path.join(HERE, "ask_fixtures.py")
        cases = os.path.join(folder, "cases")
        subprocess.run([environment.python, "-B", script, pickles, cases], check=True)
        supported = sorted(os.listdir(os.path.join(cases, "fixtures")))
        for name in supported:
            tally.add(check(sooth, "fixtures", os.path.join(cases, "fixtures", name), python))
        for file in sorted(os.listdir(pickles)):
            name = file[: -len(".p4.pkl")]
            if name not in supported:
                check_refused(sooth, pickles, name, tally)
    print("fixtures of scikit-learn %s" % environment.release)
    tally.report()
    return [tally]
