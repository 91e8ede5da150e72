"""Agreement with scikit-learn and others: run.py SOOTH PROBE BUILD [--release R | --all-releases]

SOOTH is the program, PROBE agreement_probe, BUILD the folder that keeps environments, models and
expected answers. With --write the table of docs/reference/scikit-learn.md is written anew, else it
has to be what the run gives.
Exit status: 0 where everything agrees, 1 where something does not, 77 where nothing could be
compared, and then standard output says why.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import List

import material as files_of_others
import matrix
import wild
from compare import Asker, Tally, check
from environment import (
    HERE,
    LIVE,
    NEWEST,
    RELEASES,
    Environment,
    Skip,
    add_boosters,
    make_cases,
    make_environment,
)

SKIPPED = 77


def check_cases(asker: Asker, environment: Environment) -> Tally:
    tally = Tally()
    folders = []
    for family in sorted(os.listdir(environment.folder)):
        path = os.path.join(environment.folder, family)
        if os.path.isdir(path):
            folders += [(family, os.path.join(path, name)) for name in sorted(os.listdir(path))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [
            pool.submit(check, asker.of(place), family, folder, environment.python_version)
            for place, (family, folder) in enumerate(folders)
        ]
        for each in running:
            tally.add(each.result())
    print("scikit-learn %s" % environment.release)
    tally.report()
    return tally


class Matrix:
    """The columns of the table, as far as this run has them."""

    def __init__(self, probe: str, reference: str) -> None:
        self.probe = probe
        self.reference = reference
        self.found = matrix.Found()

    def add(self, environment: Environment) -> None:
        release, found = environment.release, self.found
        found.live[release] = matrix.live_column(self.probe, environment)
        print("every estimator of %s: %s" % (release, matrix.summary({release: found.live[release]})))
        column = matrix.fixture_column(self.probe, environment, self.reference)
        if column is not None:
            found.fixtures[release] = column
            print("fixtures of %s: %s" % (release, matrix.summary({release: column})))

    def add_files(self, material: str) -> None:
        if not os.path.isdir(os.path.join(material, "sklearn")):
            print("files of others: skipped, %s is absent" % material)
            return
        outcomes = files_of_others.ask_all(self.probe, material)
        self.found.files = matrix.material_columns(outcomes)
        print("files of others: %s" % matrix.summary(self.found.files))

    def add_wild(self, build: str, material: str) -> None:
        if not os.path.isdir(os.path.join(material, "sklearn", "wild")):
            print("models that others published: skipped, %s is absent" % material)
            return
        self.found.published = wild.ask_all(self.probe, build, material)
        print("models that others published: %s" % wild.summary(self.found.published))

    def failures(self) -> List[str]:
        found = [wild.line_of(file) for file in self.found.published if any(each.get("wrong") for each in file.outcomes)]
        groups = (("fixture", self.found.fixtures), ("live", self.found.live), ("", self.found.files))
        for title, columns in groups:
            for release, column in columns.items():
                found += matrix.failures("%s %s" % (title, release), column)
        return found

    def write(self) -> None:
        with open(matrix.DOCUMENT, "w", encoding="utf-8") as file:
            file.write(matrix.document(self.found))

    def stale(self) -> List[str]:
        """What docs/reference/scikit-learn.md says otherwise."""
        with open(matrix.DOCUMENT, encoding="utf-8") as file:
            tables = matrix.parse(file.read())
        found: List[str] = []
        for columns, written in zip((self.found.fixtures, self.found.live), tables):
            for release, column in columns.items():
                found += matrix.differences(release, written.get(release, {}), column)
        return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sooth")
    parser.add_argument("probe")
    parser.add_argument("build")
    parser.add_argument("--all-releases", action="store_true")
    parser.add_argument("--release", choices=list(LIVE))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    sooth, build = os.path.abspath(options.sooth), os.path.abspath(options.build)
    shared = os.path.join(HERE, "..", "..", "..", "shared")
    material = os.environ.get("SOOTH_MATERIAL", os.path.normpath(os.path.join(shared, "material")))
    reference = os.path.normpath(os.path.join(material, "..", "reference"))
    os.makedirs(build, exist_ok=True)

    asker = Asker(sooth, os.path.abspath(options.probe))
    table = Matrix(asker.probe, reference)
    tallies: List[Tally] = []
    asked = [options.release or NEWEST]
    for release in LIVE if options.all_releases else asked:
        try:
            environment = make_environment(release, build)
        except Skip as reason:
            print("skipped: %s" % reason)
            table.found.missing.append(str(reason))
            continue
        add_boosters(release, os.path.join(build, "venv-" + release))
        if release in RELEASES:
            make_cases(environment)
            tallies.append(check_cases(asker, environment))
        table.add(environment)
    table.add_files(material)
    if options.all_releases:
        table.add_wild(build, material)
    failures = table.failures()
    if options.write and table.found.live:
        table.write()
    elif table.found.live and os.path.exists(matrix.DOCUMENT):
        failures += table.stale()
    for failure in failures:
        print("FAILED " + failure)
    if not tallies and not table.found.live and not table.found.files:
        return SKIPPED
    return 1 if failures or any(tally.failures for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
