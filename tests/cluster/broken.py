"""Images that are wrong in one way each, made from a good one in the registry."""

from __future__ import annotations

import base64
import hashlib
import http.client
import io
import json
import ssl
import tarfile
from typing import Any

from cluster import AUTHORITY, PULL, PUSH, REGISTRY, expect

OCI = "application/vnd.oci.image"


class Registry:
    """Enough of a registry's client to put one more layer upon an image."""

    def __init__(self, repository: str) -> None:
        self.repository = repository
        host, port = REGISTRY.split(":")
        trust = ssl.create_default_context(cafile=AUTHORITY)
        self.connection = http.client.HTTPSConnection(host, int(port), context=trust, timeout=30)
        self.fields = {"Authorization": "Basic " + base64.b64encode(":".join(PUSH).encode()).decode()}

    def send(self, method: str, path: str, body: bytes = b"", **fields: str) -> tuple[Any, bytes]:
        headers = {**self.fields, **{name.replace("_", "-"): value for name, value in fields.items()}}
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        expect(answer.status < 300, f"{method} {path}: {answer.status} {content[:200]!r}")
        return answer, content

    def manifest(self, digest: str) -> Any:
        path = f"/v2/{self.repository}/manifests/{digest}"
        return json.loads(self.send("GET", path, Accept=f"{OCI}.manifest.v1+json")[1])

    def blob(self, digest: str) -> bytes:
        return self.send("GET", f"/v2/{self.repository}/blobs/{digest}")[1]

    def put_blob(self, data: bytes) -> dict[str, Any]:
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        answer, _ = self.send("POST", f"/v2/{self.repository}/blobs/uploads/")
        where = answer.getheader("Location").split(REGISTRY, 1)[-1]
        joint = "&" if "?" in where else "?"
        octets = {"Content_Type": "application/octet-stream"}
        self.send("PUT", f"{where}{joint}digest={digest}", data, **octets)
        return {"digest": digest, "size": len(data)}

    def put_manifest(self, manifest: Any) -> str:
        data = json.dumps(manifest).encode()
        digest = "sha256:" + hashlib.sha256(data).hexdigest()
        path = f"/v2/{self.repository}/manifests/{digest}"
        self.send("PUT", path, data, Content_Type=f"{OCI}.manifest.v1+json")
        return digest


def layer_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o644
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def with_files(repository: str, image: str, files: dict[str, bytes]) -> str:
    """The image with other contents of some files, as a reference by digest."""
    registry = Registry(repository)
    manifest = registry.manifest(image)
    config = json.loads(registry.blob(manifest["config"]["digest"]))
    layer = registry.put_blob(layer_of(files))
    config["rootfs"]["diff_ids"].append(layer["digest"])
    config.pop("history", None)
    manifest["layers"].append({**layer, "mediaType": f"{OCI}.layer.v1.tar"})
    described = registry.put_blob(json.dumps(config).encode())
    manifest["config"] = {**described, "mediaType": manifest["config"]["mediaType"]}
    return f"{REGISTRY}/{repository}@{registry.put_manifest(manifest)}"


def file_in(repository: str, image: str, name: str) -> bytes:
    """A file of the image's uppermost layer that has it."""
    registry = Registry(repository)
    for layer in reversed(registry.manifest(image)["layers"]):
        with tarfile.open(fileobj=io.BytesIO(registry.blob(layer["digest"]))) as tar:
            if name in tar.getnames():
                content = tar.extractfile(name)
                expect(content is not None, f"{name} is no file")
                return content.read() if content else b""
    raise KeyError(name)


def pull_secret(name: str) -> str:
    """The Secret by which a namespace's pods may pull."""
    user, password = PULL
    entry = {"auths": {REGISTRY: {"username": user, "password": password}}}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": name},
            "type": "kubernetes.io/dockerconfigjson",
            "stringData": {".dockerconfigjson": json.dumps(entry)},
        }
    )
