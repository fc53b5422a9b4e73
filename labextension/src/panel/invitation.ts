/**
 * Links that let others in.
 *
 * What lets somebody in stands in the fragment, which browsers send to no server: so it is in nobody's
 * log. graph_ext/client/people/invitations.py writes and reads the same links.
 */
import { URLExt } from '@jupyterlab/coreutils';

const FRAGMENT = 'graph-ext-invitation=';

/** The link of a token: this JupyterLab's own address, and the token. */
export function linkTo(token: string, page: string, appUrl: string): string {
  const url = new URL(appUrl, page);
  return `${URLExt.join(url.origin, url.pathname)}#${FRAGMENT}${token}`;
}

/** The token in an address's fragment; null where there is none. */
export function tokenIn(hash: string): string | null {
  const part = hash
    .replace(/^#/, '')
    .split('&')
    .find(each => each.startsWith(FRAGMENT));
  const token = part?.slice(FRAGMENT.length) ?? '';
  return token === '' ? null : token;
}
