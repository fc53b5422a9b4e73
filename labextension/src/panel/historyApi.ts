/** Who has made which commit: read page by page; every failure is a `GraphError`. */
import type { HistoryPage } from '../protocol';
import type { Rest } from './rest';
import { isRecord, unreadable } from './rest';

/** How many commits a page has: as many as the server gives at once. */
const PAGE = 1000;

export class HistoryApi {
  constructor(private readonly _rest: Rest) {}

  /** Read an actor's commits, newest first. @param beforeRev go on below this one; null: the newest. */
  async ofActor(
    sessionId: string,
    actorId: string,
    beforeRev: number | null
  ): Promise<HistoryPage> {
    const page = await this._rest.request('GET', ['sessions', sessionId, 'history'], undefined, {
      actor_id: actorId,
      limit: String(PAGE),
      ...(beforeRev !== null && { before_rev: String(beforeRev) })
    });
    if (!isPage(page)) {
      throw unreadable('a history');
    }
    return page;
  }
}

function isPage(value: unknown): value is HistoryPage {
  return (
    isRecord(value) &&
    Array.isArray(value['entries']) &&
    value['entries'].every(
      entry => isRecord(entry) && typeof entry['rev'] === 'number' && isRecord(entry['actor'])
    )
  );
}
