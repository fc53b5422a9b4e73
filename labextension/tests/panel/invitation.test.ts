import { expect, test } from 'vitest';
import { linkTo, tokenIn } from '../../src/panel/invitation';

test('a link leads to JupyterLab, and what lets in stands where no server sees it', () => {
  const page = 'http://hub.example/user/ann/lab/workspaces/w?reset#id=1';
  const link = linkTo('t0k', page, '/user/ann/lab');
  expect(link).toBe('http://hub.example/user/ann/lab#graph-ext-invitation=t0k');
  expect(tokenIn(new URL(link).hash)).toBe('t0k');
});

test.each([
  ['', null],
  ['#', null],
  ['#id=cell', null],
  ['#graph-ext-invitation=', null],
  ['#id=cell&graph-ext-invitation=t', 't']
])('the token in %j is %j', (hash, token) => {
  expect(tokenIn(hash)).toBe(token);
});
