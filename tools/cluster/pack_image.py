#!/usr/bin/env python3
"""pack_image.py ARCHIVE NAME PROGRAM: an image that holds one static program and runs it."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path
from typing import Any

OCI = "application/vnd.oci.image"


def archive(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def encode(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def main(target: str, name: str, program: Path) -> None:
    blobs: dict[str, bytes] = {}

    def put(data: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        blobs[f"blobs/sha256/{digest}"] = data
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    layer = put(archive({program.name: program.read_bytes()}), f"{OCI}.layer.v1.tar")
    config = put(
        encode(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Entrypoint": [f"/{program.name}"], "User": "65532:65532"},
                "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
            }
        ),
        f"{OCI}.config.v1+json",
    )
    manifest = put(
        encode(
            {
                "schemaVersion": 2,
                "mediaType": f"{OCI}.manifest.v1+json",
                "config": config,
                "layers": [layer],
            }
        ),
        f"{OCI}.manifest.v1+json",
    )
    manifest["annotations"] = {
        "io.containerd.image.name": name,
        "org.opencontainers.image.ref.name": name,
    }
    index = {"schemaVersion": 2, "manifests": [manifest]}
    blobs["oci-layout"] = encode({"imageLayoutVersion": "1.0.0"})
    blobs["index.json"] = encode(index)
    Path(target).write_bytes(archive(blobs))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
