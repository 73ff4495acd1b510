"""The server's settings: small memory, full durability, nothing personal in its log."""

from collections.abc import Callable, Mapping

_EVERYWHERE = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A small machine: about 40 connections of web, worker and tests.
    "shared_buffers": "32MB",
    "max_connections": "40",
    "max_worker_processes": "4",
    "max_parallel_workers": "2",
    "max_parallel_workers_per_gather": "1",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "20s",
    "jit": "off",
    "wal_compression": "on",
    "max_wal_size": "512MB",
    # Errors go to the client that made them; their statements and values would be personal data in a log.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",  # without DETAIL, which quotes rows
    # Slow statements, without their values (ours are logged with their route: foundation.observability).
    "log_min_duration_statement": "1000",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_OF_TESTS = {"max_connections": "100"}  # several platforms are served at once
_NEW_IN_18 = {"io_method": "sync"}  # three processes fewer
_OURS = frozenset({
    *_DURABLE,
    *("listen_addresses", "unix_socket_directories", "unix_socket_permissions", "port", "password_encryption"),
    *("log_min_messages", "log_min_error_statement", "log_statement", "timezone"),
    *("log_error_verbosity", "log_parameter_max_length", "log_parameter_max_length_on_error"),
})  # fmt: skip


def server_settings(extra: Mapping[str, str], *, is_durable: bool) -> Callable[[int], dict[str, str]]:
    """Return a function from the major version to all settings.

    Raises ValueError when `extra` would change durability, access, or what the log may hold.
    """
    refused = sorted(_OURS & extra.keys())
    if refused:
        raise ValueError(f"These settings of the embedded database are fixed: {', '.join(refused)}.")
    durability = _DURABLE if is_durable else {**dict.fromkeys(_DURABLE, "off"), **_OF_TESTS}

    def for_major(major: int) -> dict[str, str]:
        of_version = _NEW_IN_18 if major >= 18 else {}
        return {**_EVERYWHERE, **of_version, **durability, **extra}

    return for_major
