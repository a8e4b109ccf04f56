"""What stands at the port of a mail server and means no good, or is none; on loopback."""

from collections.abc import Callable, Iterable
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Self

from tests.notices.peers import HOST


class OddPeer:
    """What stands at a port and need not be a mail server: says `greeting`, then to each line what
    `answer` makes of it, part by part; None ends the connection. `got` are the lines it was sent."""

    def __init__(self, greeting: bytes, answer: Callable[[bytes], Iterable[bytes] | None]) -> None:
        self.got: list[bytes] = []
        peer = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                try:
                    self.wfile.write(greeting)
                    for line in self.rfile:
                        peer.got.append(line)
                        if (parts := answer(line)) is None:
                            return
                        for part in parts:
                            self.wfile.write(part)
                except OSError:
                    pass  # left alone, as it deserves

        self._server = ThreadingTCPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
