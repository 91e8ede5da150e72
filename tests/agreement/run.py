"""Agreement with scikit-learn and LightGBM: run.py SOOTH BUILD [--release R | --all-releases]

SOOTH is the program, BUILD the folder that keeps environments, models and expected answers.
Exit status: 0 where everything agrees, 1 where something does not, 77 where nothing could be
compared, and then standard output says why.
"""

import argparse
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import List

from by_release import check_by_release
from compare import Tally, check
from environment import HERE, NEWEST, RELEASES, Environment, Skip, make_cases, make_environment
from fixtures import ARCHIVES, check_fixtures

SKIPPED = 77


def check_cases(sooth: str, environment: Environment) -> Tally:
    tally = Tally()
    folders = []
    for family in sorted(os.listdir(environment.folder)):
        path = os.path.join(environment.folder, family)
        if os.path.isdir(path):
            folders += [(family, os.path.join(path, name)) for name in sorted(os.listdir(path))]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [
            pool.submit(check, sooth, family, folder, environment.python_version)
            for family, folder in folders
        ]
        for each in running:
            tally.add(each.result())
    print("scikit-learn %s" % environment.release)
    tally.report()
    return tally


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sooth")
    parser.add_argument("build")
    parser.add_argument("--all-releases", action="store_true")
    parser.add_argument("--release", choices=list(RELEASES))
    options = parser.parse_args()
    sooth, build = os.path.abspath(options.sooth), os.path.abspath(options.build)
    shared = os.path.join(HERE, "..", "..", "..", "shared")
    material = os.environ.get("SOOTH_MATERIAL", os.path.normpath(os.path.join(shared, "material")))
    os.makedirs(build, exist_ok=True)

    tallies: List[Tally] = []
    asked = [options.release or NEWEST]
    for release in RELEASES if options.all_releases else asked:
        try:
            environment = make_environment(release, build)
        except Skip as reason:
            print("skipped: %s" % reason)
            continue
        make_cases(environment)
        tallies.append(check_cases(sooth, environment))
        if release in ARCHIVES:
            reference = os.path.normpath(os.path.join(material, "..", "reference"))
            tallies += check_fixtures(sooth, reference, environment)
    tallies += check_by_release(sooth, material)
    if not tallies:
        return SKIPPED
    return 1 if any(tally.failures for tally in tallies) else 0


if __name__ == "__main__":
    sys.exit(main())
