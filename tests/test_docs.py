"""The documents say what is true: every JSON example in docs/protocol.md is a message."""

import re
from pathlib import Path

import msgspec
import pytest

from graph_ext import protocol

ROOT = Path(__file__).parent.parent
EXAMPLE = re.compile(r"```json (client|server|event)(?:, not told here)?\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall((ROOT / "docs/protocol.md").read_text())
DECODERS = {
    "client": msgspec.json.Decoder(protocol.ClientMessage),
    "server": msgspec.json.Decoder(protocol.ServerMessage),
    "event": msgspec.json.Decoder(protocol.FlatEvent),
}


@pytest.mark.parametrize(("side", "text"), EXAMPLES)
def test_an_example_of_the_protocol_reference_is_a_message_with_no_field_unknown(
    side: str, text: str
) -> None:
    message = DECODERS[side].decode(text)
    known = msgspec.to_builtins(message)
    assert set(msgspec.json.decode(text)) <= set(known) | {"mode", "blueprint"}


def test_the_protocol_reference_has_examples() -> None:
    assert len(EXAMPLES) >= 7


@pytest.mark.parametrize("page", [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md"])
def test_a_link_between_documents_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
