"""The one exception of this package."""

from __future__ import annotations

from typing import Optional


class SoothError(Exception):
    """Something was refused or did not work; its text is whole, in the program's own words.

    `exit_code` is that of the program where it was run (docs/cli.md lists them: 4 is a conflict, as
    of answers that do not agree), and `status` the HTTP status where an endpoint was asked.
    """

    def __init__(
        self, message: str, *, exit_code: Optional[int] = None, status: Optional[int] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code
        self.status = status

    def without(self, folder: str) -> SoothError:
        """The same, without the name of a temporary folder, which is gone when it is read."""
        text = self.message.replace(folder + "/", "").replace(folder, "model")
        return SoothError(text, exit_code=self.exit_code, status=self.status)
