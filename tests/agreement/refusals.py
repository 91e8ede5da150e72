"""That `sooth inspect` says of every refused file of the material what is not run, and why.

refusals.py SOOTH
A refusal names a class, an attribute, or the byte at which the file is no pickle.
"""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Iterator, List, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
SKIPPED = 77
ENDINGS = (".pkl", ".pickle", ".joblib", ".sav", ".save", ".model", ".cbm", ".ubj")
# "sklearn.svm._classes.SVC", "sklearn.x.Y "func": expected", byte 17, "columns": expected.
NAMES_A_CLASS = re.compile(r"\b\w+(\.\w+)*\.[A-Za-z_]\w*\b")
NAMES_A_PART = re.compile(r'"[^"]+": |"[^"]+" ')
NAMES_A_PLACE = re.compile(r"\b(byte|offset|opcode)\b")
# A list, an array, a text: not an estimator at all.
NAMES_A_KIND = re.compile(r"expected a fitted estimator, got .+")


def files(material: str) -> Iterator[str]:
    for part in ("sklearn", "trees"):
        for folder, folders, names in os.walk(os.path.join(material, part)):
            folders.sort()
            for name in sorted(names):
                if name.lower().endswith(ENDINGS):
                    yield os.path.join(folder, name)


def inspect(sooth: str, path: str) -> Tuple[int, List[str]]:
    """The exit status, and what the file is refused for."""
    done = subprocess.run(
        [sooth, "inspect", "--json", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120
    )
    if done.returncode == 0:
        return 0, []
    texts: List[str] = []
    for stream in (done.stdout, done.stderr):
        try:
            said = json.loads(stream.decode("utf-8", "replace"))
        except ValueError:
            continue
        for problem in said.get("problems", []):
            texts.append("%s: %s" % (problem.get("path", ""), problem.get("message", problem.get("error", ""))))
        error = said.get("error")
        if not texts and error:
            texts.append(error if isinstance(error, str) else error.get("message", ""))
    return done.returncode, texts or [done.stderr.decode("utf-8", "replace").strip()]


def is_exact(text: str) -> bool:
    return any(pattern.search(text) for pattern in (NAMES_A_CLASS, NAMES_A_PART, NAMES_A_PLACE, NAMES_A_KIND))


def main(sooth: str) -> int:
    shared = os.path.join(HERE, "..", "..", "..", "shared")
    material = os.environ.get("SOOTH_MATERIAL", os.path.normpath(os.path.join(shared, "material")))
    paths = list(files(material)) if os.path.isdir(material) else []
    if not paths:
        print("refusals: skipped, %s is absent" % material)
        return SKIPPED
    statuses: Counter = Counter()
    failures = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, (status, texts) in zip(paths, pool.map(lambda each: inspect(sooth, each), paths)):
            statuses[status] += 1
            where = os.path.relpath(path, material)
            if status < 0:
                failures.append("%s: ended with signal %d" % (where, -status))
            for text in texts:
                if not is_exact(text.replace(path, "")):
                    failures.append("%s: expected a class or an attribute, got %r" % (where, text))
    for failure in failures:
        print("FAILED " + failure)
    told = ", ".join("%d with status %d" % (count, status) for status, count in sorted(statuses.items()))
    print("%d files: %s; %d refusals say too little" % (len(paths), told, len(failures)))
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
