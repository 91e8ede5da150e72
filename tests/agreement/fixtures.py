"""Fitted estimators of 82 classes, pickled by four releases."""

import os
import tarfile

# The archive of a release, and the Python that wrote it.
ARCHIVES = {
    "0.23.2": ("pickles_bullseye.tar.xz", "3.9"),
    "1.2.1": ("pickles_bookworm.tar.xz", "3.11"),
    "1.4.2": ("pickles_trixie.tar.xz", "3.13"),
    "1.9.1": ("pickles_forky.tar.xz", "3.13"),
}


def unpack(archive: str, folder: str) -> str:
    """The one folder of pickles in the archive."""
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if m.isfile() and m.name.endswith(".p4.pkl")]
        for member in members:
            member.name = os.path.basename(member.name)
            tar.extract(member, folder)
    return folder
