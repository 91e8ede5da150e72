"""Images of others to build upon, written here as OCI layouts, byte by byte."""

import gzip
import hashlib
import io
import json
import os
import platform
import tarfile

OWNER = {"x86_64": "amd64", "aarch64": "arm64"}
GZIP_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
PLAIN_LAYER = "application/vnd.oci.image.layer.v1.tar"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
REF_NAME = "org.opencontainers.image.ref.name"


def architecture():
    return OWNER[platform.machine()]


def tar_of(entries):
    """An archive of (name, bytes) files and (name, "-> target") links."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.mode = 0o755
            if isinstance(content, str):
                info.type = tarfile.SYMTYPE
                info.linkname = content[3:]
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return packed.getvalue()


class Base:
    """A layout at `folder` with one image under a name."""

    def __init__(self, folder, name="base"):
        self.folder, self.name = folder, name
        self.layers, self.diff_ids = [], []
        os.makedirs(os.path.join(folder, "blobs", "sha256"), exist_ok=True)

    def reference(self):
        return f"oci:{self.folder}:{self.name}"

    def put(self, media_type, content):
        digest = hashlib.sha256(content).hexdigest()
        with open(os.path.join(self.folder, "blobs", "sha256", digest), "wb") as blob:
            blob.write(content)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(content)}

    def add_layer(self, archive, packed=True):
        self.diff_ids.append("sha256:" + hashlib.sha256(archive).hexdigest())
        if packed:
            self.layers.append(self.put(GZIP_LAYER, gzip.compress(archive, 6, mtime=0)))
        else:
            self.layers.append(self.put(PLAIN_LAYER, archive))

    def finish(self, **run):
        config = {"architecture": architecture(), "os": "linux", "config": run,
                  "rootfs": {"type": "layers", "diff_ids": self.diff_ids}}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST,
                    "config": self.put(CONFIG, json.dumps(config).encode()),
                    "layers": self.layers}
        image = self.put(MANIFEST, json.dumps(manifest).encode())
        image["annotations"] = {REF_NAME: self.name}
        index = {"schemaVersion": 2, "manifests": [image]}
        version = {"imageLayoutVersion": "1.0.0"}
        for name, content in (("index.json", index), ("oci-layout", version)):
            with open(os.path.join(self.folder, name), "w") as file:
                json.dump(content, file)
        return image["digest"]


def other_system(folder):
    """A base whose libc, loader and variables would break every program that used them."""
    base = Base(folder)
    triplet = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[architecture()]
    wrong = b"not a library\n"
    names = ("libc.so.6", "libstdc++.so.6", "libssl.so.3", "ld-linux-x86-64.so.2")
    base.add_layer(tar_of([("lib", "-> usr/lib"), ("lib64", "-> usr/lib64"),
                           ("etc/os-release", b"ID=other\n"), ("etc/ld.so.cache", wrong)]))
    base.add_layer(tar_of([(f"usr/lib/{triplet}/{name}", wrong) for name in names] +
                          [("usr/lib64/ld-linux-x86-64.so.2", wrong)]))
    base.finish(Env=["PATH=/usr/bin", "LD_PRELOAD=/usr/lib/none.so"], User="root",
                Labels={"vendor": "somebody"}, Entrypoint=["/bin/sh"])
    return base


def large(folder, mebibytes):
    """A base with one layer that no compressor makes smaller."""
    base = Base(folder)
    base.add_layer(tar_of([("usr/share/large", os.urandom(mebibytes << 20))]), packed=False)
    base.finish()
    return base
