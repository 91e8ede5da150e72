"""The identity behind mosec."""

from __future__ import annotations

from typing import Any

from mosec import Server, Worker


class Identity(Worker):
    def forward(self, data: Any) -> Any:
        return data["data"]


if __name__ == "__main__":
    server = Server()
    server.append_worker(Identity, num=1)
    server.run()
