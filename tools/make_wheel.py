#!/usr/bin/env python3
"""make_wheel.py PROGRAM FOLDER: the wheel of the Python package, with the program inside.

PROGRAM is the build's `sooth_wheel`, which looks for its libraries in ../lib. Which those are, and
which licences go with them, it says itself: the layer that it makes for images has just that, and
the wheel takes it from there, less what every system has of its own (glibc, certificates, users).

    sooth/*.py, py.typed        the package of python/sooth
    sooth/bin/sooth             the program, without symbols
    sooth/lib/*.so.*            its libraries, of this machine's packages
    sooth/share/                the notices of both, and of which package each library is, so that
                                images that this program makes elsewhere have them too

The platform tag is the newest version of glibc that any of these files asks for (readelf), so a pip
of an older system does not take the wheel. The same input gives the same bytes: entries are sorted,
and their time is SOURCE_DATE_EPOCH, else 1980. Needs nothing but Python and binutils.
"""

import base64
import hashlib
import io
import json
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = os.path.join(ROOT, "python", "sooth")
NAME = "sooth"
MODEL = os.path.join(ROOT, "tests", "scenario", "data", "flowers.joblib")
# Of glibc and the compiler's loader: those of the machine that it runs on.
SYSTEM = re.compile(r"^(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|anl|nsl|mvec|nss_.*))\.so(\..*)?$")
NOTICES_LEFT_OUT = ("libc6", "ca-certificates")
ENTRY_POINTS = "[console_scripts]\nsooth = sooth._program:main\n"


def call(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, universal_newlines=True,
                          **options).stdout


def layer_files(program):
    """What the program puts into an image: paths there with their bytes, and its bill of
    materials."""
    with tempfile.TemporaryDirectory() as work:
        workspace, layout = os.path.join(work, "workspace"), os.path.join(work, "layout")
        call(program, "register", MODEL, "--name", "any", "--workspace", workspace)
        sbom = os.path.join(work, "sbom.json")
        call(program, "build", "any", "-o", layout + "/", "--compression", "none", "--workspace",
             workspace, "--sbom", sbom)

        def blob(descriptor):
            return os.path.join(layout, "blobs", *descriptor["digest"].split(":"))

        with open(os.path.join(layout, "index.json"), encoding="utf-8") as file:
            manifest = json.load(file)["manifests"][0]
        with open(blob(manifest), encoding="utf-8") as file:
            runtime = json.load(file)["layers"][0]
        with open(sbom, encoding="utf-8") as file:
            materials = json.load(file)
        with tarfile.open(blob(runtime)) as archive:
            files = {each.name: archive.extractfile(each).read() for each in archive
                     if each.isfile()}
        return files, materials


def packages_table(materials, files):
    """Lines of library, package, version, architecture: of the libraries among the files."""
    names = {each["SPDXID"]: each["fileName"] for each in materials["files"]}
    packages = {each["SPDXID"]: each for each in materials["packages"]}
    lines = []
    for each in materials["relationships"]:
        place = carried(names.get(each["relatedSpdxElement"], "")[2:])
        package = packages.get(each["spdxElementId"], {})
        locator = "".join(ref["referenceLocator"] for ref in package.get("externalRefs", ()))
        machine = re.search(r"\?arch=(\w+)", locator)
        if place in files and place.startswith("sooth/lib/") and machine:
            lines.append("\t".join([os.path.basename(place), package["name"],
                                    package["versionInfo"], machine.group(1)]))
    return "".join(line + "\n" for line in sorted(lines))


def carried(path):
    """Where a file of the image lies in the wheel; None: it is left out."""
    folder, name = os.path.split(path or "")
    if path == "usr/bin/sooth":
        return "sooth/bin/sooth"
    if re.match(r"usr/lib(64)?(/|$)", folder) and ".so" in name:
        return None if SYSTEM.match(name) else "sooth/lib/" + name
    if path.startswith(("usr/share/doc/", "usr/share/common-licenses/")):
        left_out = path.split("/")[3] in NOTICES_LEFT_OUT
        return None if left_out else "sooth/share/" + path[len("usr/share/"):]
    return None


def package_files():
    files = {}
    for name in sorted(os.listdir(PACKAGE)):
        if name.endswith(".py") or name == "py.typed":
            with open(os.path.join(PACKAGE, name), "rb") as file:
                files[f"sooth/{name}"] = file.read()
    return files


def newest_glibc(files):
    """(2, 36): of all versions of glibc's symbols that the files ask for."""
    newest = (2, 0)
    with tempfile.TemporaryDirectory() as work:
        for path, data in files.items():
            if not data.startswith(b"\x7fELF"):
                continue
            copy = os.path.join(work, "object")
            with open(copy, "wb") as file:
                file.write(data)
            for found in re.findall(r"GLIBC_(\d+)\.(\d+)", call("readelf", "-W", "-V", copy)):
                newest = max(newest, tuple(int(each) for each in found))
    return newest


def check_libraries(files):
    """Whatever an object needs is in the wheel or of the system."""
    with tempfile.TemporaryDirectory() as work:
        for path, data in files.items():
            if not data.startswith(b"\x7fELF"):
                continue
            copy = os.path.join(work, "object")
            with open(copy, "wb") as file:
                file.write(data)
            said = call("readelf", "-W", "-d", copy)
            for name in re.findall(r"\(NEEDED\).*\[(.*)\]", said):
                if f"sooth/lib/{name}" not in files and not SYSTEM.match(name):
                    sys.exit(f"make_wheel: {path} needs {name}: expected it in the wheel")
            if path == "sooth/bin/sooth" and "[$ORIGIN/../lib]" not in said:
                sys.exit("make_wheel: expected a program that looks for its libraries in ../lib")


def metadata(version):
    with open(os.path.join(ROOT, "python", "README.md"), encoding="utf-8") as file:
        readme = file.read()
    return (f"Metadata-Version: 2.4\nName: {NAME}\nVersion: {version}\n"
            "Summary: Registers models with Sooth from Python, and carries the program sooth\n"
            "License-Expression: Apache-2.0\nLicense-File: LICENSE\n"
            "Requires-Python: >=3.9\nDescription-Content-Type: text/markdown\n\n" + readme)


def record(files, path):
    lines = []
    for name in sorted(files):
        digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(files[name])}")
    return "\n".join([*lines, f"{path},,"]) + "\n"


def pack(files):
    moment = max(int(os.environ.get("SOURCE_DATE_EPOCH", "315532800")), 315532800)
    stamp = time.gmtime(moment)[:6]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        # As the format wants it, what describes the wheel comes last.
        for name in sorted(files, key=lambda each: (".dist-info/" in each, each)):
            entry = zipfile.ZipInfo(name, stamp)
            mode = 0o755 if name == "sooth/bin/sooth" else 0o644
            entry.external_attr = (0o100000 | mode) << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])
    return out.getvalue()


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    version = call(program, "version").split()[-1]
    files = package_files()
    if f'__version__ = "{version}"' not in files["sooth/__init__.py"].decode():
        sys.exit(f"make_wheel: expected python/sooth to be version {version}, as the program is")
    of_image, materials = layer_files(program)
    files.update({place: data for place, data in
                  ((carried(path), data) for path, data in of_image.items()) if place})
    files["sooth/share/packages.tsv"] = packages_table(materials, files).encode()
    check_libraries(files)
    glibc = newest_glibc(files)
    tag = f"py3-none-manylinux_{glibc[0]}_{glibc[1]}_{platform.machine()}"
    about = f"{NAME}-{version}.dist-info"
    with open(os.path.join(ROOT, "LICENSE"), "rb") as file:
        files[f"{about}/licenses/LICENSE"] = file.read()
    files[f"{about}/METADATA"] = metadata(version).encode()
    files[f"{about}/WHEEL"] = (f"Wheel-Version: 1.0\nGenerator: make_wheel\nRoot-Is-Purelib: false\n"
                               f"Tag: {tag}\n").encode()
    files[f"{about}/entry_points.txt"] = ENTRY_POINTS.encode()
    files[f"{about}/RECORD"] = record(files, f"{about}/RECORD").encode()
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, f"{NAME}-{version}-{tag}.whl")
    data = pack(files)
    with open(path, "wb") as file:
        file.write(data)
    print(f"{path}\n  {len(data) / 2**20:.1f} MiB, for glibc {glibc[0]}.{glibc[1]} and newer\n"
          f"  sha256:{hashlib.sha256(data).hexdigest()}")


main()
