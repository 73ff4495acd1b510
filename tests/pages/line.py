"""A slow line between a browser and the platform, which can drop in the middle of an upload."""

import socket
import threading
from contextlib import suppress

_PIECE, _BYTES_A_SECOND = 16_384, 400_000


class Line:
    """Carries connections to a port of this machine from a port of its own, whose address is `base`.

    `drops_after`: once so many bytes of one connection went up, the line is down until `mend`.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._pause, self._down = threading.Event(), threading.Event()
        self._ear = socket.create_server(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._ear.getsockname()[1]}"
        self.drops_after: int | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def mend(self) -> None:
        """The line is good again."""
        self.drops_after = None
        self._down.clear()

    def close(self) -> None:
        """Hang up."""
        self._down.set()
        with suppress(OSError):
            self._ear.shutdown(socket.SHUT_RDWR)
        self._ear.close()

    def _listen(self) -> None:
        while True:
            try:
                browser, _ = self._ear.accept()
                platform = socket.create_connection(("127.0.0.1", self._port))
            except OSError:
                return
            if self._down.is_set():
                _hang_up(browser, platform)
                continue
            for pair in ((browser, platform, True), (platform, browser, False)):
                threading.Thread(target=self._carry, args=pair, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, is_up: bool) -> None:
        carried = 0
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if self._down.is_set():
                    break
                sink.sendall(piece)
                if not is_up:
                    continue
                carried += len(piece)
                if self.drops_after is not None and carried > self.drops_after:
                    self._down.set()
                    break
                self._pause.wait(len(piece) / _BYTES_A_SECOND)
        _hang_up(source, sink)


def _hang_up(*ends: socket.socket) -> None:
    for end in ends:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
