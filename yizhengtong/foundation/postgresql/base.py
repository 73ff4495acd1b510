"""The database backend. Django finds it by the module's name."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks an idle connection whether it still lives without asking the server."""

    def is_usable(self) -> bool:
        """Whether the next statement will find a server.

        A server that goes away tells so, or its kernel does: the socket becomes readable. While it is silent nothing
        went wrong, and the statement that Django would send first, once a request, is spared.
        """
        if self.connection is None:
            return False
        if self.errors_occurred or self._has_something_to_say():
            return bool(super().is_usable())
        return True

    def _has_something_to_say(self) -> bool:
        connection = self.connection.pgconn
        if not connection.socket or connection.socket < 0:
            return True
        waiting = select.poll()
        waiting.register(connection.socket, select.POLLIN)
        return bool(waiting.poll(0))
