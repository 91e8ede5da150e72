"""Makes `import torch` work without the 5 GB of NVIDIA's libraries that its wheel asks for.

PyPI's wheel of torch for x86-64 is the one for CUDA: its own libraries are linked to cuBLAS, cuDNN,
NCCL and others, which are loaded with it and, on a machine without a GPU, never called. So each of
them that is not installed becomes a shared object of its name that has the symbols which torch's
libraries look for, and aborts when one is called. CUDA's runtime and CUPTI (13 MB) are called when
torch is imported, and have to be there. Needs a C compiler and binutils.

    cuda_stand_ins.py SITE_PACKAGES
"""

import ctypes
import os
import re
import subprocess
import sys
import tempfile
from collections import defaultdict

NEEDED = re.compile(r"\(NEEDED\).*\[(.*)\]")


def readelf(option, path):
    return subprocess.run(["readelf", "-W", option, path], check=True, stdout=subprocess.PIPE,
                          universal_newlines=True).stdout


def is_installed(site_packages, name):
    for folder, _, files in os.walk(os.path.join(site_packages, "nvidia")):
        if name in files:
            return True
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def symbols(path):
    """Those that it defines, and those that it looks for with the version that it wants, if any."""
    defined, wanted = set(), set()
    for line in readelf("--dyn-syms", path).splitlines():
        cells = line.split()
        if len(cells) < 8 or not cells[0].rstrip(":").isdigit():
            continue
        name, place, strong = cells[7], cells[6], cells[4] == "GLOBAL"
        if place == "UND":
            if strong:
                plain, _, version = name.partition("@")
                wanted.add((plain, version.strip("@")))
        else:
            defined.add(name.partition("@")[0])
    return defined, wanted


def version_owners(path):
    """Which library each version of a symbol is wanted from."""
    owners, owner = {}, ""
    for line in readelf("--version-info", path).splitlines():
        found = re.search(r"File: (\S+)", line)
        owner = found.group(1) if found else owner
        found = re.search(r"Name: (\S+)\s+Flags", line)
        if found:
            owners[found.group(1)] = owner
    return owners


def make(folder, name, wanted):
    """A library of that name with those symbols, in their versions."""
    by_version = defaultdict(set)
    for plain, version in wanted:
        by_version[version].add(plain)
    with tempfile.TemporaryDirectory() as work:
        source, script = os.path.join(work, "stand_in.c"), os.path.join(work, "versions")
        with open(source, "w") as file:
            file.write("#include <stdlib.h>\n")
            for plain in sorted({plain for plain, _ in wanted}):
                file.write(f"void {plain}(void) {{ abort(); }}\n")
        with open(script, "w") as file:
            for version, plains in sorted(by_version.items()):
                if version:
                    file.write("%s { global: %s; };\n" % (version, "; ".join(sorted(plains))))
        command = ["cc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{name}", "-o",
                   os.path.join(folder, name), source]
        if any(by_version):
            command.append(f"-Wl,--version-script={script}")
        subprocess.run(command, check=True)


def main():
    folder = os.path.join(sys.argv[1], "torch", "lib")
    libraries = [os.path.join(folder, each) for each in sorted(os.listdir(folder)) if ".so" in each]
    there = {os.path.basename(each) for each in libraries}
    missing, defined, loose, owned = set(), set(), set(), defaultdict(set)
    for library in libraries:
        missing |= set(NEEDED.findall(readelf("-d", library))) - there
        owners = version_owners(library)
        own, wanted = symbols(library)
        defined |= own
        for plain, version in wanted:
            owner = owners.get(version, "")
            if owner:
                owned[owner].add((plain, version))
            else:
                loose.add((plain, ""))
    loose = {each for each in loose if each[0] not in defined}
    missing = {name for name in missing if not is_installed(sys.argv[1], name)}
    for name in sorted(missing):
        make(folder, name, owned[name] | loose)
    print(f"{len(missing)} stand-ins: {', '.join(sorted(missing))}")


main()
