// Which headers, cookies and bodies pass the proxy in both directions.
import { sendRequest } from '../../fixtures/proxied/http-client.ts';
import { Sandbox } from '../../fixtures/sandbox.ts';
import { recordCookie, recordSecret } from '../../fixtures/secrets.ts';
import { britishPhone } from '../../fixtures/test-data.ts';
import { User } from '../../fixtures/user.ts';
import { expect, type ProtectedApplication, test, expectCleanRequest } from '../../fixtures/proxied/test.ts';

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' };
/** Headers that a client would send to be taken for another user. */
const CLAIMED = {
  'X-Auth-Request-User': 'root',
  'X-Auth-Request-Phone': '+15550100',
  'X-Auth-Request-Groups': 'admin',
  'X-Auth-Request-Amr': 'hwk',
  'X-Auth-Request-Session-Expires': '2099-01-01T00:00:00Z',
  'X-Auth-Request-Auth-Age': '0',
  'X-Auth-Request-Jwt': 'none',
  X_Auth_Request_User: 'root',
  X_AUTH_REQUEST_GROUPS: 'admin',
  'X-Auth-Request_User': 'root',
};
/** Headers in which proxies name the client and the request. */
const FORWARDED = {
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

test('identity and forwarding headers of a client are overwritten', async ({ signedInUser, deployment, reverseProxy }) => {
  const cookie = await signedInUser.cookieAt(deployment.app.origin);
  expect((await sendRequest(`${deployment.app.origin}/orders`, { headers: { cookie } })).status).toBe(200);
  const honest = deployment.app.received.at(-1)!;
  for (const claimed of [{}, CLAIMED, { ...CLAIMED, 'X-Auth-Request-User': ['root', 'admin'] }]) {
    const before = deployment.app.received.length;
    const { status } = await sendRequest(`${deployment.app.origin}/orders?spoofed`, { headers: { ...FORWARDED, ...claimed, cookie } });
    if (reverseProxy !== 'caddy' && 'X-Auth-Request-User' in claimed) {
      // These proxies cannot drop every such name, so Latchkey refuses the request.
      expect(status).toBe(403);
      expect(deployment.app.received.length).toBe(before);
      continue;
    }
    expect(status).toBe(200);
    const seen = deployment.app.received.at(-1)!;
    expect(seen.url).toBe('/orders?spoofed');
    expectCleanRequest(seen, reverseProxy);
    for (const name of ['user', 'phone', 'groups', 'amr', 'jwt'].map((name) => `x-auth-request-${name}`)) {
      expect(seen.headers[name] ?? '', name).toBe(honest.headers[name] ?? '');
    }
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-host': `app.localhost:${deployment.ports.https}`,
      'x-forwarded-proto': 'https',
      // Traefik removes these two, which it tells Latchkey alone.
      ...(reverseProxy === 'traefik' ? {} : { 'x-forwarded-uri': '/orders?spoofed', 'x-forwarded-method': 'GET' }),
      host: `app.localhost:${deployment.ports.https}`,
    });
    expect(JSON.stringify(seen.raw)).not.toMatch(/evil|203\.0\.113\.7|root|admin|TRACE/);
  }
  expect(honest.headers['x-auth-request-groups']).toBe('guest');
  expect(JSON.stringify(honest.raw)).not.toContain(signedInUser.phone.slice(1));
});

test('a client chooses neither the ID of its request nor its trace', async ({ signedInUser, deployment }) => {
  const id = 'chosen-by-a-client';
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const headers = { 'X-Request-Id': id, traceparent, cookie: await signedInUser.cookieAt(deployment.app.origin) };
  for (const url of [`${deployment.id}/sign-in`, `${deployment.app.origin}/.latchkey/session`]) {
    const response = await sendRequest(url, { headers });
    expect(response.headers['x-request-id'], url).toMatch(/^[\w.-]{8,64}$/);
    expect(response.headers['x-request-id'], url).not.toBe(id);
  }
  expect((await sendRequest(`${deployment.app.origin}/ids`, { headers })).status).toBe(200);
  expect(deployment.app.received.at(-1)!.headers['x-request-id'] ?? '').not.toBe(id);
});

test('Latchkey’s cookies are removed, and the application’s own are unchanged', async ({ signedInUser, deployment, reverseProxy }) => {
  test.skip(reverseProxy === 'traefik', 'the example says that it cannot remove one cookie');
  const app = await signedInUser.cookieAt(deployment.app.origin);
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
    expect((await sendRequest(`${deployment.app.origin}/cookies`, { headers: { cookie } })).status, cookie).toBe(200);
    // Caddy sends an empty header if no cookie remains.
    const got = deployment.app.received.at(-1)!.headers.cookie || undefined;
    expect(got?.replaceAll(/; ?/g, '; '), cookie).toBe(left?.replaceAll(/; ?/g, '; '));
  }
  // Requests to the sign-in's host name carry the session cookie itself.
  const session = await signedInUser.cookieAt(deployment.ownHost.origin);
  expect(session).toContain('__Host-latchkey=');
  expect((await sendRequest(`${deployment.ownHost.origin}/`, { headers: { cookie: `a=1; ${session}; b=2` } })).status).toBe(200);
  expect(deployment.ownHost.received.at(-1)!.headers.cookie).toMatch(/^a=1; ?b=2$/);
});

test('a signed-out client reaches no application, whatever headers it sends', async ({ deployment }) => {
  const before = deployment.app.received.length;
  const start = `${deployment.app.origin}/.latchkey/start?to=`;
  for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
    const headers = { ...FORWARDED, 'sec-fetch-mode': 'cors', accept: '*/*' };
    const answer = await sendRequest(`${deployment.app.origin}/orders?page=2`, { method, headers, body: method === 'POST' ? 'a=1' : '' });
    expect(answer.status, method).toBe(401);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'not_signed_in', status: 401 });
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(answer.headers.location, 'where a browser would be redirected').toContain(start);
  }
  const page = await sendRequest(`${deployment.app.origin}/orders?page=2`, { headers: { ...FORWARDED, ...PAGE } });
  expect(page.status).toBe(302);
  expect(decodeURIComponent(page.headers.location ?? '')).toBe(`${start}/orders?page=2`);
  const form = await sendRequest(`${deployment.app.origin}/orders/7/lines`, { method: 'POST', body: 'text=x', headers: PAGE });
  expect(form.status).toBe(302);
  expect(form.headers.location, 'a posted form cannot be repeated').toBe(`${start}/`);
  const claimed = await sendRequest(`${deployment.app.origin}/orders`, { headers: { ...CLAIMED, ...PAGE } });
  expect([302, 403]).toContain(claimed.status);
  expect(deployment.app.received.length).toBe(before);
});

test('a request of a script is refused with 401 and not redirected', async ({ consoleErrors, signedInUser, page, deployment }) => {
  consoleErrors.allow(/status of 401/);
  await page.context().addCookies(signedInUser.cookies);
  await page.goto(`${deployment.app.origin}/orders`);
  await page.context().clearCookies();
  const answer = await page.evaluate(async () => {
    const response = await fetch('/orders.json');
    return { status: response.status, redirected: response.redirected, body: (await response.json()) as unknown };
  });
  expect(answer).toMatchObject({ status: 401, redirected: false, body: { code: 'not_signed_in' } });
  expect(deployment.app.received.map(({ url }) => url)).not.toContain('/orders.json');
});

test('the role of the requested server applies, not that of the Host header', async ({ signedInUser, deployment, reverseProxy }) => {
  const { ports, other, ownHost, id, app } = deployment;
  const cookie = [await signedInUser.cookieAt(id), await signedInUser.cookieAt(app.origin)].join('; ');
  const before = other.received.length;
  // `other` requires a role that this user does not have. The host names below require none.
  for (const host of [`id.localhost:${ports.https}`, `app.localhost:${ports.https}`]) {
    const answer = await sendRequest(`${other.origin}/`, { target: `${other.origin}/`, headers: { ...PAGE, host, cookie } });
    expect(answer.status, host).not.toBe(200);
  }
  expect(other.received.length).toBe(before);
  // The Host header names the sign-in's port at the application on the same host name. That
  // application requires a role that this user has.
  if (reverseProxy !== 'traefik') {
    await sendRequest(`${ownHost.origin}/port`, { headers: { host: `id.localhost:${ports.https}`, cookie } });
    expect(ownHost.received.at(-1)!.headers['x-forwarded-host']).toBe(`id.localhost:${ports.ownHostHttps}`);
  }
  for (const host of ['evil.example', `evil.example:${ports.https}`, 'localhost']) {
    const answer = await sendRequest(`${app.origin}/evil`, { headers: { host, cookie } });
    expect(answer.body, host).not.toContain('Orders');
  }
  expect(app.received.map(({ url }) => url)).not.toContain('/evil');
});

test('no Host header makes an application be taken for another one', async ({ signedInUser, deployment, reverseProxy }) => {
  const { ports, app, other, ownHost, id } = deployment;
  const names = ['app.localhost', 'other.localhost', 'id.localhost', 'evil.example', '127.0.0.1', 'localhost'];
  const ends = ['', ':443', `:${ports.https}`, `:${ports.ownHostHttps}`, ':9', '.'];
  const hosts = names.flatMap((name) => ends.map((end) => name + end));
  const cookie = [await signedInUser.cookieAt(id), await signedInUser.cookieAt(app.origin)].join('; ');
  const applications: ProtectedApplication[] = [app, other, ...(reverseProxy === 'traefik' ? [] : [ownHost])];
  for (const reached of applications) {
    for (const host of hosts) {
      const path = `/host/${encodeURIComponent(host)}`;
      const answer = await sendRequest(reached.origin + path, { headers: { ...PAGE, host, cookie } });
      const about = `${reached.origin} with Host: ${host}`;
      // Only a name of its own (nginx reads a final dot as none) leads to an application, and only to one that the user may enter.
      for (const { origin, received } of applications) {
        const seen = received.filter(({ url }) => url === path);
        received.splice(0, received.length, ...received.filter(({ url }) => url !== path));
        if (seen.length === 0) continue;
        expect(origin, about).not.toBe(other.origin);
        expect(seen[0]!.headers['x-forwarded-host'], about).toBe(new URL(origin).host);
        expect(host.replace(/\.?(:\d+)?$/, ''), about).toBe(new URL(origin).hostname);
      }
      if (/^(evil|127|localhost)/.test(host)) expect([421, 404], about).toContain(answer.status);
    }
  }
});

test('browsers cannot reach the forward-auth endpoint or see identity headers', async ({ signedInUser, deployment }) => {
  const cookie = await signedInUser.cookieAt(deployment.id);
  for (const path of ['/forward-auth', '/forward-auth?redirect=true', '//forward-auth', '/%66orward-auth']) {
    const answer = await sendRequest(deployment.id + path, { headers: { cookie } });
    expect(answer.status, path).toBe(404);
    expect(Object.keys(answer.headers).join()).not.toContain('x-auth-request');
  }
  const passed = { cookie: await signedInUser.cookieAt(deployment.app.origin) };
  const { headers } = await sendRequest(`${deployment.app.origin}/orders`, { headers: passed });
  expect(Object.keys(headers).join()).not.toMatch(/x-auth-request|set-cookie/);
});

test('a large body passes the proxy unchanged', async ({ signedInUser, deployment }) => {
  const cookie = await signedInUser.cookieAt(deployment.app.origin);
  const body = 'x'.repeat(300_000);
  expect((await sendRequest(`${deployment.app.origin}/upload`, { method: 'POST', body, headers: { cookie } })).status).toBe(200);
  expect(deployment.app.received.at(-1)!.body).toBe(body);
});

test('a person with many roles passes up to the limit, and is refused beyond it in words', async ({ browser, product, deployment, consoleErrors }) => {
  consoleErrors.allow(/status of 403/);
  const { app, id } = deployment;
  const sandbox = new Sandbox(product.sandboxUrl);
  for (const { count, status } of [
    { count: 130, status: 200 },
    { count: 250, status: 403 },
  ]) {
    const context = await browser.newContext({ baseURL: id, ignoreHTTPSErrors: true });
    const user = new User(await context.newPage(), sandbox);
    const phone = britishPhone().e164;
    recordSecret('number', phone);
    const roles = Array.from({ length: count }, (_, number) => `team-${String(number).padStart(3, '0')}-member`);
    await sandbox.putUser(phone, 'Active', roles);
    await user.signIn(phone);
    const response = await user.page.goto(`${app.origin}/orders`);
    expect(response?.status()).toBe(status);
    if (status === 200) {
      expect(app.received.at(-1)!.headers['x-auth-request-groups']).toBe(roles.join());
      expect(String(app.received.at(-1)!.headers['x-auth-request-jwt']).length).toBeGreaterThan(3500);
    } else {
      await expect(user.page.locator('body')).toContainText('Your account doesn’t have access to this page.');
    }
    for (const { name, value } of await context.cookies()) recordCookie(name, value);
    await context.close();
  }
});
