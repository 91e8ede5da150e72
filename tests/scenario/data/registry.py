"""A registry of images in memory, for the scenarios that log in, push and pull.

registry.py PORT_FILE [CERTIFICATE KEY]: serves a free port of loopback, with TLS where it has a
certificate, and writes the port once it listens. `me` may push and pull, `reader` pull alone, both
with the password `secret`; nobody may do anything with what is called closed/...
"""
import base64
import hashlib
import http.server
import json
import os
import re
import ssl
import sys
import urllib.parse

BLOBS, MANIFESTS, UPLOADS = {}, {}, {}
USERS = {f"Basic {base64.b64encode(f'{user}:secret'.encode()).decode()}": user
         for user in ("me", "reader")}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def refuse(self, status, code, **fields):
        body = json.dumps({"errors": [{"code": code, "message": "as told"}]}).encode()
        self.answer(status, body, **fields)

    def serve(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        url = urllib.parse.urlsplit(self.path)
        self.query = dict(urllib.parse.parse_qsl(url.query))
        user = USERS.get(self.headers.get("Authorization", ""))
        if user is None:
            return self.refuse(401, "UNAUTHORIZED", WWW_Authenticate='Basic realm="scenario"')
        if url.path == "/v2/":
            return self.answer(200)
        found = re.fullmatch(r"/v2/(.+?)/(blobs/uploads|blobs|manifests)/(.*)", url.path)
        if found is None:
            return self.refuse(404, "UNKNOWN")
        repository, kind, name = found.groups()
        writes = self.command not in ("GET", "HEAD")
        if repository.startswith("closed/") or (writes and user != "me"):
            return self.refuse(403, "DENIED")
        if kind == "blobs/uploads":
            return self.upload(repository, name)
        kept = BLOBS if kind == "blobs" else MANIFESTS
        if writes:
            return self.put_manifest(repository, name)
        if (repository, name) not in kept:
            return self.refuse(404, "BLOB_UNKNOWN" if kind == "blobs" else "MANIFEST_UNKNOWN")
        media_type, data = kept[repository, name]
        self.answer(200, data, Content_Type=media_type, Docker_Content_Digest=digest_of(data))

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = serve

    def upload(self, repository, name):
        if self.command == "POST":
            name = f"u{len(UPLOADS)}"
            UPLOADS[name] = b""
        UPLOADS[name] += self.body
        if self.command == "PUT":
            if digest_of(UPLOADS[name]) != self.query["digest"]:
                return self.refuse(400, "DIGEST_INVALID")
            BLOBS[repository, self.query["digest"]] = "application/octet-stream", UPLOADS[name]
            return self.answer(201)
        self.answer(202, Location=f"/v2/{repository}/blobs/uploads/{name}",
                    Range=f"0-{max(len(UPLOADS[name]) - 1, 0)}")

    def put_manifest(self, repository, name):
        kept = self.headers["Content-Type"], self.body
        digest = digest_of(self.body)
        MANIFESTS[repository, name] = MANIFESTS[repository, digest] = kept
        self.answer(201, Docker_Content_Digest=digest)


def main():
    port_file, *certificate = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        # The handshake is for the connection's own thread.
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.server_port))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


if __name__ == "__main__":
    main()
