"""What every test shares: pytest-jupyter's fixtures, and servers that let nobody in unasked."""

import os

pytest_plugins = ["pytest_jupyter.jupyter_server", "tests.loop_time"]

# read by jupyter_server when a server starts, here or in a child process
os.environ["JUPYTER_SERVER_ALLOW_UNAUTHENTICATED_ACCESS"] = "no"
