"""The real server of tests/transports, sent what no client of ours would send."""

from tests.transports.conftest import jp_server_config, server

__all__ = ["jp_server_config", "server"]
