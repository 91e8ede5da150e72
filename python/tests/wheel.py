"""wheel.py PROGRAM: makes the wheel, and uses it as a machine would that has nothing of this one."""

import glob
import json
import os
import re
import stat
import subprocess
import sys
import tempfile
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
FLOWERS = os.path.join(ROOT, "tests", "scenario", "data", "flowers.joblib")
# Of the machine; everything else is in the wheel.
SYSTEM = {"linux-vdso.so.1", "libc.so.6", "libm.so.6"}


def call(*command, **environment):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment or None,
                          universal_newlines=True).stdout


def expect(holds, words):
    if not holds:
        sys.exit(f"wheel: {words}")


def make(program, folder):
    call(sys.executable, "-B", os.path.join(ROOT, "tools", "make_wheel.py"), program, folder)
    wheels = glob.glob(os.path.join(folder, "*.whl"))
    expect(len(wheels) == 1, f"expected one wheel, got {wheels}")
    return wheels[0]


def check_archive(path):
    expect(re.fullmatch(r"sooth-[\d.]+-py3-none-manylinux_2_\d+_\w+\.whl", os.path.basename(path)),
           f"expected a name that pip knows, got {path}")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        expect(len(names) == len(set(names)), "expected each name once")
        record = archive.read([n for n in names if n.endswith("/RECORD")][0]).decode()
        expect(sorted(line.split(",")[0] for line in record.splitlines()) == sorted(names),
               "expected a record of every file")
        mode = archive.getinfo("sooth/bin/sooth").external_attr >> 16
        expect(mode & stat.S_IXUSR, "expected the program to be executable")
        libraries = {name.split("/")[-1] for name in names if name.startswith("sooth/lib/")}
        expect("libstdc++.so.6" in libraries and "libc.so.6" not in libraries,
               "expected the compiler's library and not the system's")
        for name in ("sooth/share/doc/libssl3/copyright", "sooth/share/doc/sooth/LICENSE"):
            expect(name in names, f"expected {name}")


def check_program(folder):
    """The program finds its libraries without help, and none elsewhere."""
    program = os.path.join(folder, "sooth", "bin", "sooth")
    os.chmod(program, 0o755)
    for line in call(program, LD_TRACE_LOADED_OBJECTS="1").splitlines():
        name, _, place = line.strip().partition(" => ")
        if name.split(" ")[0] in SYSTEM or name.startswith("/"):
            continue
        found = os.path.realpath(place.split(" (")[0])
        expect(found.startswith(os.path.realpath(folder)), f"expected {name} of the wheel, got {found}")


def check_package(folder):
    code = (f"import sooth; v = sooth.register({FLOWERS!r}, 'flowers', workspace={folder + '/w'!r});"
            f"print(v, sooth.build(v, {folder + '/flowers.tar'!r}, workspace={folder + '/w'!r}).path)")
    said = call(sys.executable, "-B", "-c", code, PYTHONPATH=folder, PATH="/none")
    expect(said == f"flowers:1 {folder}/flowers.tar\n", f"expected a version and an image, got {said}")
    check_notices(folder)
    script = "import sooth._program; sooth._program.main()"
    said = call(sys.executable, "-B", "-c", script, "version", PYTHONPATH=folder, PATH="/none")
    expect(said.startswith("sooth "), f"expected the program's version, got {said}")


def check_notices(folder):
    """An image that the program makes where it was unpacked says whose the libraries are."""
    program = os.path.join(folder, "sooth", "bin", "sooth")
    sbom = os.path.join(folder, "sbom.json")
    call(program, "build", "flowers", "-o", os.path.join(folder, "again.tar"), "--sbom", sbom,
         "--workspace", os.path.join(folder, "w"))
    with open(sbom, encoding="utf-8") as file:
        names = {each["name"] for each in json.load(file)["packages"]}
    with open(os.path.join(folder, "sooth", "share", "packages.tsv"), encoding="utf-8") as file:
        carried = {line.split("\t")[1] for line in file}
    expect("libssl3" in carried and carried <= names,
           f"expected {sorted(carried)} in the bill of materials, got {sorted(names)}")


def main():
    with tempfile.TemporaryDirectory() as work:
        first = make(sys.argv[1], os.path.join(work, "first"))
        second = make(sys.argv[1], os.path.join(work, "second"))
        with open(first, "rb") as one, open(second, "rb") as other:
            expect(one.read() == other.read(), "expected the same bytes twice")
        check_archive(first)
        unpacked = os.path.join(work, "unpacked")
        with zipfile.ZipFile(first) as archive:
            archive.extractall(unpacked)
        check_program(unpacked)
        check_package(unpacked)


main()
