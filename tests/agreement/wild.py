"""Asks models that others published, and that have no answers beside them, of scikit-learn and of Sooth.

    wild.py PROBE BUILD MATERIAL

Each file of MATERIAL/sklearn/wild that holds an estimator is opened by the release that pickled it, or
the nearest one that opens it, with rows drawn at random of what the model says of its input. A file that
no release opens here is said, with the reason. Pickles of strangers run what they like where they are
opened: only classes of the libraries are (live/careful.py).
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import zlib
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Tuple

from environment import HERE, LIVE, Skip, make_environment

# Releases that are tried with a file that says which pickled it.
NEAREST = 4
NO_ESTIMATOR = "holds no estimator"
ENDINGS = (".pkl", ".joblib", ".sav", ".save", ".pickle", ".model", ".p")


@dataclass
class File:
    name: str  # Of its folder and itself.
    path: str
    release: str = ""  # That opened it.
    outcomes: List[Dict[str, Any]] = field(default_factory=list)
    reason: str = ""  # It is not compared.


def files(material: str) -> Iterator[File]:
    root = os.path.join(material, "sklearn", "wild")
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            if name.lower().endswith(ENDINGS):
                path = os.path.join(folder, name)
                yield File(os.path.relpath(path, root), path)


def numbers_of(release: str) -> Tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", release)[:2])


def said_release(path: str) -> str:
    with open(path, "rb") as file:
        data = file.read()
    if data[:1] == b"x":
        try:
            data = zlib.decompress(data)
        except zlib.error:
            pass
    found = re.search(rb"_sklearn_version.{1,12}?(\d+\.\d+(\.\d+)?)", data, re.DOTALL)
    return found.group(1).decode() if found else ""


def nearest_first(release: str) -> List[str]:
    """Those that pickled it, then the nearest others; the oldest first where it says nothing."""
    if not release:
        return list(LIVE)
    wanted = numbers_of(release)
    order = list(LIVE)
    place = min(range(len(order)), key=lambda k: (numbers_of(order[k]) < wanted, numbers_of(order[k])))
    return sorted(order, key=lambda each: abs(order.index(each) - place))[:NEAREST]


def asked(python: str, probe: str, paths: List[str]) -> List[Dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.jsonl")
        script = os.path.join(HERE, "live", "run.py")
        command = [python, "-B", "-W", "ignore", script, probe, out, "strangers"] + paths
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
        with open(out, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


def ask_all(probe: str, build: str, material: str) -> List[File]:
    waiting = {each.path: each for each in files(material)}
    order = {path: nearest_first(said_release(path)) for path in waiting}
    done: List[File] = []
    pythons: Dict[str, str] = {}
    for release in LIVE:
        try:
            pythons[release] = make_environment(release, build).python
        except Skip:
            continue
    # One try of each file at a time, those of a release together.
    while waiting:
        tries: Dict[str, List[str]] = {}
        for path, releases in order.items():
            if path in waiting:
                tries.setdefault(releases.pop(0) if releases else "", []).append(path)
        for path in tries.pop("", []):
            done.append(waiting.pop(path))
        for release, paths in tries.items():
            if release not in pythons:
                continue
            for entry in asked(pythons[release], probe, paths):
                file = waiting[entry["name"]]
                reason = entry.get("absent", "")
                # Why not by the release that is nearest.
                file.release, file.reason = release, (file.reason or reason) if reason else ""
                if not reason or entry.get("last"):
                    file.reason = reason
                    file.outcomes = entry.get("outcomes", [])
                    done.append(waiting.pop(entry["name"]))
    return sorted(done, key=lambda file: file.name)


def line_of(file: File) -> str:
    if file.reason:
        return "%s: %s" % (file.name, " ".join(file.reason.split()))
    wrong = ["%s: %s" % (each["method"], each["wrong"]) for each in file.outcomes if each.get("wrong")]
    refused = sorted({each["refused"] for each in file.outcomes if each.get("refused")})
    errors = [each["error"] for each in file.outcomes if each.get("values") and not each.get("wrong")]
    values = sum(each.get("values", 0) for each in file.outcomes)
    flips = sum(each.get("flips", 0) for each in file.outcomes)
    words = ["by %s" % file.release]
    if errors:
        words.append("%d values within %.2g" % (values, max(errors)) + (", %d flips" % flips if flips else ""))
    words += ["refused: " + text for text in refused] + ["DIFFERS " + text for text in wrong]
    return "%s: %s" % (file.name, "; ".join(words))


def summary(found: List[File]) -> str:
    compared = [file for file in found if any(each.get("values") for each in file.outcomes)]
    refused = [file for file in found if any(each.get("refused") for each in file.outcomes)]
    outcomes = [each for file in found for each in file.outcomes]
    return "%d files: %d compared, in %d values, the largest error %.2g; %d refused, %d not opened; %d differ; %d rows are flips." % (
        len(found),
        len(compared),
        sum(each.get("values", 0) for each in outcomes),
        max((each["error"] for each in outcomes if each.get("values") and not each.get("wrong")), default=0.0),
        len(refused),
        sum(file.reason != "" and file.reason != NO_ESTIMATOR for file in found),
        sum(any(each.get("wrong") for each in file.outcomes) for file in found),
        sum(each.get("flips", 0) for each in outcomes),
    )


def main(probe: str, build: str, material: str) -> int:
    found = ask_all(os.path.abspath(probe), os.path.abspath(build), material)
    for file in found:
        print(line_of(file))
    print(summary(found))
    return 1 if any(each.get("wrong") for file in found for each in file.outcomes) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
