"""Writes docs/openapi.json from the table of operations: run it after each change of one.

``python docs/generate_openapi.py``; tests/transports/test_openapi.py compares.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from graph_ext.transports.table import openapi

TARGET = Path(__file__).resolve().parent / "openapi.json"


def generate() -> str:
    """Return the text of openapi.json."""
    return json.dumps(openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(generate(), encoding="utf-8")
