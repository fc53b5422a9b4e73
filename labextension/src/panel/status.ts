/** How a graph stands, in words: live, loading, offline, ended, read only. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { SessionClient } from '../session/client';

/** What the chip says. */
export interface IStatusText {
  readonly kind: 'live' | 'busy' | 'offline' | 'ended' | 'locked';
  readonly text: string;
  readonly title: string;
  /** How much is loaded, 0 to 1. */
  readonly progress: number | null;
}

type State = Pick<SessionClient, 'status' | 'progress' | 'role' | 'readOnly' | 'error'>;

export function statusText(state: State, trans: TranslationBundle): IStatusText {
  switch (state.status) {
    case 'connecting':
      return {
        kind: 'busy',
        text: trans.__('Connecting…'),
        title: trans.__('Connecting to the Jupyter server'),
        progress: null
      };
    case 'loading': {
      const { loaded, total } = state.progress ?? { loaded: 0, total: 0 };
      return {
        kind: 'busy',
        text:
          total > 0
            ? trans.__('Loading %1 of %2', grouped(loaded), grouped(total))
            : trans.__('Loading…'),
        title: trans.__('The graph is being loaded'),
        progress: total > 0 ? Math.min(1, loaded / total) : null
      };
    }
    case 'offline':
      return {
        kind: 'offline',
        text: trans.__('Offline'),
        title:
          state.error?.text ??
          trans.__('The Jupyter server does not answer. What you change is sent when it is back.'),
        progress: null
      };
    case 'ended':
      return {
        kind: 'ended',
        text: trans.__('Ended'),
        title: state.error?.text ?? '',
        progress: null
      };
    case 'live':
      if (state.readOnly !== '') {
        return {
          kind: 'locked',
          text: trans.__('Read only'),
          title: state.readOnly,
          progress: null
        };
      }
      if (state.role === 'viewer') {
        return {
          kind: 'locked',
          text: trans.__('View only'),
          title: trans.__('You may look at this graph, but not change it.'),
          progress: null
        };
      }
      return {
        kind: 'live',
        text: trans.__('Live'),
        title: trans.__('Changes of everybody show at once.'),
        progress: null
      };
  }
}

/** A count as people read it. */
export function grouped(count: number): string {
  return count.toLocaleString();
}

/** A count where there is little room: 60K. */
export function compact(count: number): string {
  return count < 10_000
    ? grouped(count)
    : count.toLocaleString(undefined, { notation: 'compact', maximumFractionDigits: 1 });
}

/** How many nodes and links. */
export function sizeText(
  size: { readonly nodes: number; readonly links: number },
  trans: TranslationBundle,
  format = grouped
): string {
  const { nodes, links } = size;
  const texts = [
    trans._n('%1 node', '%1 nodes', nodes).replace(String(nodes), format(nodes)),
    trans._n('%1 link', '%1 links', links).replace(String(links), format(links))
  ];
  return texts.join(' · ');
}
