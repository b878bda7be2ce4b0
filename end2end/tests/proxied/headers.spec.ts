// What passes the proxy, in either direction, whatever a client says.
import { ask } from '../../fixtures/proxied/ask.ts';
import { expect, test, untold } from '../../fixtures/proxied/test.ts';

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
/** What somebody would say who wants to be somebody else. */
const SPOOFED = {
  'X-Auth-Request-User': 'root',
  'X-Auth-Request-Phone': '+15550100',
  'X-Auth-Request-Groups': 'admin',
  'X-Auth-Request-Amr': 'hwk',
  'X-Auth-Request-Session-Expires': '2099-01-01T00:00:00Z',
  'X-Auth-Request-Jwt': 'none',
  X_Auth_Request_User: 'root',
  X_AUTH_REQUEST_GROUPS: 'admin',
  'X-Auth-Request_User': 'root',
  'X-Forwarded-For': '203.0.113.7',
  'X-Forwarded-Host': 'evil.example',
  'X-Forwarded-Proto': 'http',
  'X-Forwarded-Port': '1',
  'X-Forwarded-Uri': '//evil.example/',
  'X-Forwarded-Method': 'TRACE',
  'X-Forwarded-Prefix': '/evil',
  'X-Original-URL': '/admin',
  'X-Rewrite-URL': '/admin',
  'X-Real-IP': '203.0.113.7',
  Forwarded: 'for=203.0.113.7;host=evil.example',
};

test('what a client says of itself is overwritten', async ({ member, street }) => {
  const cookie = await member.cookieAt(street.app.origin);
  expect((await ask(`${street.app.origin}/orders`, { headers: { cookie } })).status).toBe(200);
  const honest = street.app.received.at(-1)!;
  for (const headers of [SPOOFED, { ...SPOOFED, 'X-Auth-Request-User': ['root', 'admin'] }]) {
    expect((await ask(`${street.app.origin}/orders?spoofed`, { headers: { ...headers, cookie } })).status).toBe(200);
    const seen = street.app.received.at(-1)!;
    expect(seen.url).toBe('/orders?spoofed');
    untold(seen);
    for (const name of ['user', 'phone', 'groups', 'amr', 'jwt'].map((name) => `x-auth-request-${name}`)) {
      expect(seen.headers[name] ?? '', name).toBe(honest.headers[name] ?? '');
    }
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `app.localhost:${street.ports.https}`,
      'x-forwarded-proto': 'https',
      'x-forwarded-uri': '/orders?spoofed',
      'x-forwarded-method': 'GET',
      host: `app.localhost:${street.ports.https}`,
    });
    expect(JSON.stringify(seen.raw)).not.toMatch(/evil|203\.0\.113\.7|root|admin|TRACE/);
  }
  expect(honest.headers['x-auth-request-groups']).toBe('guest');
  expect(JSON.stringify(honest.raw)).not.toContain(member.phone.slice(1));
});

test('our cookies are taken out, and the application’s own stay as they are', async ({ member, street }) => {
  const app = await member.cookieAt(street.app.origin);
  const all = ['', '-flow', '-browser', '-flash', '-app-nonce'].map((end) => `__Host-latchkey${end}=x`).join('; ');
  for (const [cookie, left] of [
    [app, undefined],
    [`theme=dark; ${app}`, 'theme=dark'],
    [`${app}; theme=dark`, 'theme=dark'],
    [`a=1; ${app}; b=2`, 'a=1; b=2'],
    [`a=1;${app};b=2`, 'a=1;b=2'],
    [`${app}; ${all}; a=1`, 'a=1'],
    [`a=1; __Host-latchkey=x; b=2; ${app}; c=3; __Host-latchkey-flow=y; d=4`, 'a=1; b=2; c=3; d=4'],
    [`${app}; text=__Host-latchkey; latchkey=mine; my__Host-latchkey=1`, 'text=__Host-latchkey; latchkey=mine; my__Host-latchkey=1'],
    [`${app}; quoted="a; __Host-latchkey=x; b"; c=3`, 'quoted="a; b"; c=3'],
  ] as const) {
    expect((await ask(`${street.app.origin}/cookies`, { headers: { cookie } })).status, cookie).toBe(200);
    // Caddy leaves an empty header where nothing is left.
    const got = street.app.received.at(-1)!.headers.cookie || undefined;
    expect(got?.replaceAll(/; ?/g, '; '), cookie).toBe(left?.replaceAll(/; ?/g, '; '));
  }
  // On the sign-in's host there is the session itself.
  const session = await member.cookieAt(street.ownHost.origin);
  expect(session).toContain('__Host-latchkey=');
  expect((await ask(`${street.ownHost.origin}/`, { headers: { cookie: `a=1; ${session}; b=2` } })).status).toBe(200);
  expect(street.ownHost.received.at(-1)!.headers.cookie).toMatch(/^a=1; ?b=2$/);
});

test('a client that is signed out reaches no application, whatever it says', async ({ street }) => {
  const before = street.app.received.length;
  const start = `${street.app.origin}/.latchkey/start?to=`;
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const headers = { ...SPOOFED, 'sec-fetch-mode': 'cors', accept: '*/*' };
    const answer = await ask(`${street.app.origin}/orders?page=2`, { method, headers, body: method === 'POST' ? 'a=1' : '' });
    expect(answer.status, method).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_signed_in', status: 401 });
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(answer.headers.location, 'where a person would go').toContain(start);
  }
  const page = await ask(`${street.app.origin}/orders?page=2`, { headers: { ...SPOOFED, ...PAGE } });
  expect(page.status).toBe(302);
  expect(decodeURIComponent(page.headers.location ?? '')).toBe(`${start}/orders?page=2`);
  const form = await ask(`${street.app.origin}/orders/7/lines`, { method: 'POST', body: 'text=x', headers: PAGE });
  expect(form.status).toBe(302);
  expect(form.headers.location, 'what was posted cannot be posted again').toBe(`${start}/`);
  expect(street.app.received.length).toBe(before);
});

test('a script is refused, and not sent to a page', async ({ complaints, member, page, street }) => {
  complaints.allow(/status of 401/);
  await page.context().addCookies(member.cookies);
  await page.goto(`${street.app.origin}/orders`);
  await page.context().clearCookies();
  const answer = await page.evaluate(async () => {
    const response = await fetch('/orders.json');
    return { status: response.status, redirected: response.redirected, body: (await response.json()) as unknown };
  });
  expect(answer).toMatchObject({ status: 401, redirected: false, body: { code: 'not_signed_in' } });
  expect(street.app.received.map(({ url }) => url)).not.toContain('/orders.json');
});

test('the server that was reached counts, not the one that a client names', async ({ member, street }) => {
  const { ports, other, ownHost, id, app } = street;
  const cookie = [await member.cookieAt(id), await member.cookieAt(app.origin)].join('; ');
  const before = other.received.length;
  // `other` asks for a role that this person has not; the names below ask for none.
  for (const host of [`id.localhost:${ports.https}`, `app.localhost:${ports.https}`]) {
    const answer = await ask(`${other.origin}/`, { target: `${other.origin}/`, headers: { ...PAGE, host, cookie } });
    expect(answer.status, host).not.toBe(200);
  }
  expect(other.received.length).toBe(before);
  // The port of the sign-in, at the application beside it: the role is asked for, and this person has it.
  await ask(`${ownHost.origin}/port`, { headers: { host: `id.localhost:${ports.https}`, cookie } });
  expect(ownHost.received.at(-1)!.headers['x-forwarded-host']).toBe(`id.localhost:${ports.beside}`);
  for (const host of ['evil.example', `evil.example:${ports.https}`, 'localhost']) {
    const answer = await ask(`${app.origin}/evil`, { headers: { host, cookie } });
    expect(answer.body, host).not.toContain('Orders');
  }
  expect(app.received.map(({ url }) => url)).not.toContain('/evil');
});

test('what applications are told is not for browsers', async ({ member, street }) => {
  const cookie = await member.cookieAt(street.id);
  for (const path of ['/forward-auth', '/forward-auth?redirect=true', '//forward-auth', '/%66orward-auth']) {
    const answer = await ask(street.id + path, { headers: { cookie } });
    expect(answer.status, path).toBe(404);
    expect(Object.keys(answer.headers).join()).not.toContain('x-auth-request');
  }
  const passed = { cookie: await member.cookieAt(street.app.origin) };
  const { headers } = await ask(`${street.app.origin}/orders`, { headers: passed });
  expect(Object.keys(headers).join()).not.toMatch(/x-auth-request|set-cookie/);
});

test('a large body passes', async ({ member, street }) => {
  const cookie = await member.cookieAt(street.app.origin);
  const body = 'x'.repeat(300_000);
  expect((await ask(`${street.app.origin}/upload`, { method: 'POST', body, headers: { cookie } })).status).toBe(200);
  expect(street.app.received.at(-1)!.body).toBe(body);
});
