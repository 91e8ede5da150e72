"""Other programs: run to their end within a time, or kept running and ended with the check."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time

from report import Failure

RUN_SECONDS_MAX = 300
START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 30
TOLD_BYTES_MAX = 600


def run(arguments, *, seconds=RUN_SECONDS_MAX, text=None, env=None, cwd=None, status=0):
    """What the program printed; Failure where it ended otherwise than with `status`."""
    arguments = [str(each) for each in arguments]
    try:
        done = subprocess.run(arguments, input=text, env=env, cwd=cwd, timeout=seconds,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              stdin=None if text is not None else subprocess.DEVNULL,
                              universal_newlines=True, errors="replace", check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"{arguments[0]}: expected an end within {seconds} s") from None
    if done.returncode != status:
        said = (done.stderr or done.stdout).strip()[-TOLD_BYTES_MAX:]
        raise Failure(f"`{' '.join(arguments)}`: expected status {status}, "
                      f"got {done.returncode}: {said}")
    return done.stdout


def run_json(arguments, **options):
    return json.loads(run(arguments, **options))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def ask(port, method, path, body=None, headers=None, seconds=30):
    """Status and body of one answer on loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    with contextlib.closing(connection):
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()


def answers(port, path):
    """Whether it does; without a path, as behind TLS, whether it takes connections."""
    if path is None:
        with socket.create_connection(("127.0.0.1", port), 5):
            return True
    return ask(port, "GET", path, seconds=5)[0] < 500


def wait_until_answers(port, path, alive=lambda: True):
    end = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < end and alive():
        with contextlib.suppress(OSError, http.client.HTTPException):
            if answers(port, path):
                return
        time.sleep(0.1)
    expected = "a connection" if path is None else f"an answer to GET {path}"
    raise Failure(f"port {port}: expected {expected} within {START_SECONDS_MAX} s")


class Server:
    """A program that answers HTTP on a port of loopback, ended when the block is left."""

    def __init__(self, arguments, port, path, log, env=None):
        self.arguments = [str(each) for each in arguments]
        self.port, self.path, self.log, self.env = port, path, log, env
        self.process = None

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.arguments, stdout=log, stderr=log, env=self.env,
                                            stdin=subprocess.DEVNULL)
        try:
            wait_until_answers(self.port, self.path, lambda: self.process.poll() is None)
        except Failure as failure:
            self.stop()
            with open(self.log, errors="replace") as log:
                raise Failure(f"{failure}; {log.read()[-TOLD_BYTES_MAX:]}") from None
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Its exit status after SIGTERM."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode


def environment(**changes):
    """This process's, with changes; None takes a variable away."""
    env = dict(os.environ)
    for name, value in changes.items():
        if value is None:
            env.pop(name, None)
        else:
            env[name] = str(value)
    return env
