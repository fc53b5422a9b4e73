"""What somebody who joins late gets of a session."""

from graph_ext.hub.session import Session
from graph_ext.protocol import Snapshot
from tests.hub.conftest import Person


async def everything(session: Session) -> tuple[set[str], set[str]]:
    """The ids that a late joiner gets."""
    late = await Person(session, "late").join()
    messages = await late.sink.until(
        lambda messages: any(isinstance(m, Snapshot) and not m.more for m in messages)
    )
    session.leave(late.client)
    pages = [message for message in messages if isinstance(message, Snapshot)]
    nodes = {each.node_id for page in pages for each in page.nodes}
    return nodes, {each.link_id for page in pages for each in page.links}
