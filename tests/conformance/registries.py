"""Registries of other people on free ports of loopback, and a line that breaks on the way."""

import os
import select
import socket
import threading

from programs import Server, free_port, run

USER, PASSWORD = "me", "secret"
# With bcrypt of PASSWORD.
PASSWORDS = "me:$2y$05$KBCwKxOzLha2MUDgW0PjXeGy8zDyKFegpVV4y0qPBUgij10WNyKY6\n"


class Registry(Server):
    """Debian's docker-registry 2.8 or distribution 3, with a folder of its own."""

    def __init__(self, program, folder, with_password=False):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        port = free_port()
        passwords = os.path.join(folder, "passwords")
        auth = f"auth:\n  htpasswd: {{realm: test, path: {passwords}}}\n" if with_password else ""
        config = os.path.join(folder, "config.yml")
        with open(config, "w") as file:
            file.write(f"version: 0.1\nlog: {{level: error}}\n"
                       f"storage:\n  filesystem: {{rootdirectory: {self.data()}}}\n"
                       f"  delete: {{enabled: true}}\n"
                       f"http:\n  addr: 127.0.0.1:{port}\n{auth}")
        with open(passwords, "w") as file:
            file.write(PASSWORDS)
        # It wants no collector of traces.
        env = dict(os.environ, OTEL_TRACES_EXPORTER="none")
        super().__init__([program, "serve", config], port, "/v2/", os.path.join(folder, "log"), env)

    def data(self):
        return os.path.join(self.folder, "data")

    def host(self):
        return f"127.0.0.1:{self.port}"

    def stored_bytes(self):
        """Of all that lies in it."""
        return sum(os.path.getsize(os.path.join(above, name))
                   for above, _, names in os.walk(self.data()) for name in names)


class ReferrersRegistry(Server):
    """One that keeps referrers itself, in memory."""

    def __init__(self, program, folder):
        os.makedirs(folder, exist_ok=True)
        port = free_port()
        super().__init__([program, "--address", f"127.0.0.1:{port}"], port, "/v2/",
                         os.path.join(folder, "log"))

    def host(self):
        return f"127.0.0.1:{self.port}"


class BreakingLine:
    """Passes connections on to a port; breaks the first that has carried `break_after` bytes.

    It does so at once, or behind the answer that comes next.
    """

    def __init__(self, to_port, break_after, behind_answer):
        self.to_port, self.break_after = to_port, break_after
        self.behind_answer = behind_answer
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sent_bytes = 0
        self.broken = 0
        self.lock = threading.Lock()

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:  # Closed: the check is over.
                return
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near):
        carried = 0
        with near, socket.create_connection(("127.0.0.1", self.to_port)) as far:
            others = {near: far, far: near}
            while True:
                for ready in select.select(list(others), [], [], 60)[0] or [None]:
                    data = ready.recv(1 << 16) if ready else b""
                    if not data:
                        return
                    others[ready].sendall(data)
                    with self.lock:
                        if ready is near:
                            carried += len(data)
                            self.sent_bytes += len(data)
                        due = carried >= self.break_after and not self.broken
                        if due and (ready is far) == self.behind_answer:
                            self.broken += 1
                            return


def copy_from_layout(skopeo, reference, to):
    run([skopeo, "copy", "--dest-tls-verify=false", reference, f"docker://{to}"])
