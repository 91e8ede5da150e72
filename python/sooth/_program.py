"""Finds the `sooth` program and runs it: every command of this package is one of the program's."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any, List, Optional, Sequence

from ._errors import SoothError

_PACKAGED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "sooth")


def _is_program(path: str) -> bool:
    """Whether it is a machine's program, and not the script of this package, which runs that."""
    try:
        with open(path, "rb") as file:
            start = file.read(64)
    except OSError:
        return False
    script = start.startswith(b"#!") and b"python" in start
    return os.access(path, os.X_OK) and not script


def find_program() -> str:
    """The program: the one that SOOTH_PROGRAM names, the package's own, or one in PATH."""
    named = os.environ.get("SOOTH_PROGRAM")
    if named:
        if not os.access(named, os.X_OK):
            raise SoothError(f'SOOTH_PROGRAM: expected a program, got "{named}"')
        return os.path.abspath(named)
    if os.path.exists(_PACKAGED):
        return _PACKAGED
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        found = shutil.which("sooth", path=folder) if folder else None
        if found and _is_program(found):
            return os.path.abspath(found)
    raise SoothError(
        "expected the program sooth, got none: install the wheel that carries it, put it in PATH, "
        "or name it in SOOTH_PROGRAM"
    )


def run(arguments: Sequence[str], workspace: Optional[str] = None) -> Any:
    """Runs a command with --json: what it answers. A refusal is a SoothError with its words."""
    command: List[str] = [find_program(), *arguments, "--json"]
    if workspace is not None:
        command += ["--workspace", os.fspath(workspace)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    errors = done.stderr.decode("utf-8", "replace")
    if done.returncode != 0:
        raise SoothError(message_of(errors, done.returncode), exit_code=done.returncode)
    try:
        return json.loads(done.stdout.decode("utf-8")) if done.stdout.strip() else None
    except ValueError:
        words = f"{command[0]} {arguments[0]}: expected JSON, got something else"
        raise SoothError(words) from None


def message_of(errors: str, exit_code: int) -> str:
    """What the program said on standard error: its error, without the form it has there."""
    lines = [line for line in errors.splitlines() if line.strip()]
    for line in reversed(lines):
        try:
            return str(json.loads(line)["error"]["message"])
        except (ValueError, KeyError, TypeError):
            continue
    if lines:
        last = lines[-1].strip()
        return last[len("sooth: ") :] if last.startswith("sooth: ") else last
    return f"sooth: expected it to say why it ended with {exit_code}, got nothing"


def main() -> None:
    """The console script `sooth`: becomes the program."""
    try:
        program = find_program()
    except SoothError as error:
        sys.exit(f"sooth: {error}")
    os.execv(program, [program, *sys.argv[1:]])
