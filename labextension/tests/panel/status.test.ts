import { nullTranslator } from '@jupyterlab/translation';
import { expect, test } from 'vitest';
import { kindText } from '../../src/panel/refusals';
import { compact, sizeText, statusText } from '../../src/panel/status';
import { GraphError } from '../../src/session/errors';

const trans = nullTranslator.load('graph_ext');
const fine = { progress: null, role: 'editor', readOnly: '', error: null };

test('live, and one may edit', () => {
  expect(statusText({ ...fine, status: 'live' }, trans)).toMatchObject({
    kind: 'live',
    text: 'Live'
  });
});

test('loading says how much of how many', () => {
  const state = { ...fine, status: 'loading' as const, progress: { loaded: 5, total: 20 } };
  expect(statusText(state, trans)).toMatchObject({
    kind: 'busy',
    text: 'Loading 5 of 20',
    progress: 0.25
  });
});

test('offline and ended say why', () => {
  const error = new GraphError('GONE', 'This session was deleted');
  expect(statusText({ ...fine, status: 'offline' }, trans).title).toMatch('does not answer');
  expect(statusText({ ...fine, status: 'ended', error }, trans)).toMatchObject({
    kind: 'ended',
    title: 'This session was deleted'
  });
});

test('read only is told from view only', () => {
  expect(
    statusText({ ...fine, status: 'live', readOnly: 'damaged from rev 7' }, trans)
  ).toMatchObject({ text: 'Read only', title: 'damaged from rev 7' });
  expect(statusText({ ...fine, status: 'live', role: 'viewer' }, trans).text).toBe('View only');
});

test('every code has words of its own', () => {
  const codes = ['SCHEMA', 'NOT_FOUND', 'GONE', 'CONFLICT', 'CYCLE', 'FORBIDDEN', 'READ_ONLY'];
  const words = [...codes, 'TOO_LARGE', 'RATE_LIMITED', 'DUPLICATE_ID', 'UNDO_CONFLICT'].map(code =>
    kindText(code, trans)
  );
  expect(new Set(words).size).toBe(words.length);
  expect(words).not.toContain(kindText('of a newer server', trans));
});

test('sizes are told in full, or short where there is little room', () => {
  expect(sizeText({ nodes: 1, links: 2 }, trans)).toBe('1 node · 2 links');
  const big = { nodes: 63_666, links: 248_338 };
  expect(sizeText(big, trans)).toBe(
    `${(63_666).toLocaleString()} nodes · ${(248_338).toLocaleString()} links`
  );
  expect(sizeText(big, trans, compact).length).toBeLessThan(sizeText(big, trans).length);
  expect(compact(9_999)).toBe((9_999).toLocaleString());
});
