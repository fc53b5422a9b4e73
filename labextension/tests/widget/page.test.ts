import { afterEach, expect, test } from 'vitest';
import { pageServer } from '../../src/widget/page';

function configure(config: object | string): void {
  const element = document.createElement('script');
  element.id = 'jupyter-config-data';
  element.type = 'application/json';
  element.textContent = typeof config === 'string' ? config : JSON.stringify(config);
  document.body.append(element);
}

afterEach(() => document.getElementById('jupyter-config-data')?.remove());

test('JupyterLab’s page says where its server is', () => {
  configure({ baseUrl: '/', wsUrl: '', token: 'abc' });
  const { host } = window.location;
  expect(pageServer('/')).toEqual({ wsUrl: `ws://${host}/`, token: 'abc' });
});

test('under JupyterHub it lies below a path, with cookies instead of a token', () => {
  configure({ baseUrl: '/user/ann/', token: '' });
  expect(pageServer('/user/ann/')).toMatchObject({ token: '' });
  expect(pageServer('/user/ann')?.wsUrl).toMatch(/\/user\/ann\/$/);
});

test('an address of its own for WebSockets is used', () => {
  configure({ baseUrl: '/', wsUrl: 'wss://sockets.example/base' });
  expect(pageServer('/')?.wsUrl).toBe('wss://sockets.example/base/');
});

test('a page of another server is of no use', () => {
  configure({ baseUrl: '/user/bob/' });
  expect(pageServer('/user/ann/')).toBeNull();
});

test('nor is one without a server, or with something else there', () => {
  expect(pageServer('/')).toBeNull();
  configure('not JSON');
  expect(pageServer('/')).toBeNull();
});
