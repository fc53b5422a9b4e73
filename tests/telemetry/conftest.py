"""The real server of tests/transports, looked at by its operator."""

from tests.transports.conftest import jp_server_config, server

__all__ = ["jp_server_config", "server"]
