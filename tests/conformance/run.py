#!/usr/bin/env python3
"""run.py BUILD [--only TEXT]: Sooth against programs that nobody here wrote.

BUILD is a build folder, with `sooth` and maybe registry_conformance_test. Prints PASS, FAIL or
SKIP for each check and ends with 1 where one failed. Talks to loopback only, but for the first
run, which installs and builds the other programs.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile

import clients
import containers
import credentials
import foreign
import grpc_programs
import images
import spans
import tokens
import transfers
from programs import run
from report import Failure, Report, Skip
from tools import Tools, cache_folder
from world import ROOT, World

INSTALL_SECONDS_MAX = 900
VALIDATE_SECONDS_MAX = 1800


def install_packages():
    """What cannot be installed is skipped later, each with its name."""
    try:
        subprocess.run([os.path.join(ROOT, "tools", "install-packages.sh"), "conformance"],
                       timeout=INSTALL_SECONDS_MAX, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        print("installing packages took too long; going on with what is there", flush=True)


def kubernetes_objects():
    said = run([os.path.join(ROOT, "tools", "validate_kubernetes.sh")],
               seconds=VALIDATE_SECONDS_MAX)
    lines = said.strip().splitlines()
    if lines and lines[-1].startswith("SKIP"):
        raise Skip(lines[-1].split(": ", 1)[-1])
    return "; ".join(line[5:] for line in lines if line.startswith("PASS"))


def client_alone(build):
    """The client's own test: requests by hand, without the program around them."""
    program = os.path.join(build, "tests", "conformance", "registry_conformance_test")
    if not os.path.exists(program):
        raise Skip(f"{program} is not built")
    said = run([program])
    if "[  SKIPPED ]" in said:
        raise Skip("docker-registry is not installed")
    return said.strip().splitlines()[-1].strip(" []")


def check_all(report, build, folder):
    report.check("kubernetes: kubeconform takes the rendered objects", kubernetes_objects)
    report.check("client: its own test against docker-registry", client_alone, build)
    world = World(os.path.join(build, "sooth"), Tools(cache_folder()), folder)
    spans.check_all(world, report, build)
    check_part(clients, world, report)
    check_part(grpc_programs, world, report)
    # Everything else needs it.
    only, report.only = report.only, ""
    ready = report.check("sooth: the FAQ is registered", world.register)
    report.only = only
    if not ready:
        return
    for part in (images, transfers, containers, foreign, credentials, tokens):
        check_part(part, world, report)


def check_part(part, world, report):
    try:
        part.check_all(world, report)
    except Failure as failure:
        report.check(f"{part.__name__}: the rest", fail_with, failure)


def fail_with(failure):
    raise failure


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", help="folder with sooth in it")
    parser.add_argument("--only", default="", help="checks with this text in their names")
    options = parser.parse_args()
    install_packages()
    report = Report(options.only)
    folder = tempfile.mkdtemp(prefix="sooth-conformance-")
    # A container's user has to get through to what is mounted.
    os.chmod(folder, 0o755)
    try:
        check_all(report, os.path.abspath(options.build), folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
