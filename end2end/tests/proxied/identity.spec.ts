// Nothing reaches an application that it could take for an identity header, except what the proxy
// sets itself. Applications read every character of a name that is no letter or digit as one.
import { type ReceivedRequest } from '../../fixtures/application.ts';
import { sendHttp2, sendRequest, sendText } from '../../fixtures/proxied/http-client.ts';
import { type Deployment, expect, type ProtectedApplication, type SignedInUser, test } from '../../fixtures/proxied/test.ts';

/** The characters of a header's name besides letters and digits (RFC 9110 §5.6.2). */
const CHARACTERS = [..."!#$%&'*+-.^_`|~"];
const OURS = ['User', 'Phone', 'Groups', 'Amr', 'Session-Expires', 'Auth-Age', 'Jwt'].map((end) => `X-Auth-Request-${end}`);
const OTHERS = ['X-Auth-Request', 'X-Auth-Request-Email', 'X-Auth-Requester', 'X-Auth-Request-Preferred-Username'];
const VALUE = 'spoofed';

/** The name with the character at each place of a dash by itself, at all of them, and at the end. */
function variants(name: string, character: string): string[] {
  const places = [...name].flatMap((sign, at) => (sign === '-' ? [at] : []));
  const single = places.map((at) => name.slice(0, at) + character + name.slice(at + 1));
  return [...new Set([...single, name.replaceAll('-', character), name + character])];
}

const fold = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '-');

/** The identity headers in raw headers, by name. Fails for every other name that folds to one. */
function identityIn(raw: readonly string[], about: string): Map<string, string> {
  const found = new Map<string, string>();
  raw.forEach((name, at) => {
    if (at % 2 !== 0 || !fold(name).startsWith('x-auth-request')) return;
    expect(OURS.map((name) => name.toLowerCase()), about).toContain(name.toLowerCase());
    expect(found.has(name.toLowerCase()), `${about}: ${name} twice`).toBe(false);
    found.set(name.toLowerCase(), raw[at + 1] ?? '');
  });
  return found;
}

/** What changes from request to request. */
const CHANGING = ['x-auth-request-session-expires', 'x-auth-request-auth-age', 'x-auth-request-jwt'];

/** Sends requests to `app`, and asserts for each that the application saw the user's own identity or nothing at all. */
async function expectOwnIdentity(
  { app }: Deployment,
  user: SignedInUser,
  requests: ReadonlyMap<string, (cookie: string, path: string) => Promise<number>>,
): Promise<Map<string, number>> {
  const cookie = await user.cookieAt(app.origin);
  expect((await sendRequest(`${app.origin}/honest`, { headers: { cookie } })).status).toBe(200);
  const honest = identityIn(app.received.at(-1)!.raw, 'honest');
  expect([...honest].filter(([, value]) => value !== '').map(([name]) => name)).toHaveLength(OURS.length);
  const statuses = new Map<string, number>();
  app.received.length = 0;
  for (const [about, send] of requests) {
    const path = `/request/${statuses.size}`;
    const status = await send(cookie, path);
    statuses.set(about, status);
    const seen = take(app, path);
    expect(seen.length, about).toBe(status === 200 ? 1 : 0);
    for (const { raw, trailers } of seen) {
      const identity = identityIn(raw, about);
      expect(JSON.stringify([raw, trailers]), about).not.toContain(VALUE);
      expect(identityIn(trailers, about).size, about).toBe(0);
      for (const [name, value] of honest) {
        if (CHANGING.includes(name)) expect(identity.get(name), `${about}: ${name}`).toMatch(/./);
        else expect(identity.get(name), `${about}: ${name}`).toBe(value);
      }
    }
    if (status !== 200) expect([400, 403], about).toContain(status);
  }
  return statuses;
}

function take(application: ProtectedApplication, path: string): ReceivedRequest[] {
  return application.received.filter(({ url }) => url === path);
}

/** A request as text, which closes the connection unless `connection` says more. */
function get(origin: string, path: string, cookie: string, lines: readonly string[], connection = 'close'): string {
  const { host } = new URL(origin);
  return [`GET ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`, `Connection: ${connection}`, ...lines, '', ''].join('\r\n');
}

test('every character of a name, at every place, is no way to claim an identity', async ({ signedInUser, deployment }) => {
  const { origin } = deployment.app;
  const requests = new Map<string, (cookie: string, path: string) => Promise<number>>();
  for (const character of CHARACTERS) {
    const names = [...OURS, ...OTHERS].flatMap((name) => variants(name, character));
    const lines = names.map((name) => `${name}: ${VALUE}`);
    requests.set(`HTTP/1.1 ${character}`, async (cookie, path) => (await sendText(origin, get(origin, path, cookie, lines))).status);
    const headers = Object.fromEntries(names.map((name) => [name.toLowerCase(), VALUE]));
    requests.set(`HTTP/2 ${character}`, (cookie, path) => sendHttp2(origin + path, { cookie, ...headers }));
  }
  const statuses = await expectOwnIdentity(deployment, signedInUser, requests);
  for (const [about, status] of statuses) if (!about.endsWith('-')) expect(status, about).toBe(200);
});

test('one name at a time is no way to claim an identity', async ({ signedInUser, deployment }) => {
  const { origin } = deployment.app;
  const names = [...OURS, ...OTHERS, ...CHARACTERS.flatMap((character) => variants('X-AUTH-request-User', character))];
  const send = (name: string) => async (cookie: string, path: string) =>
    (await sendText(origin, get(origin, path, cookie, [`${name}: ${VALUE}`]))).status;
  await expectOwnIdentity(deployment, signedInUser, new Map(names.map((name) => [name, send(name)])));
});

test('headers that name others take no identity away', async ({ signedInUser, deployment }) => {
  const { origin } = deployment.app;
  const requests = new Map<string, (cookie: string, path: string) => Promise<number>>();
  const all = OURS.join(', ');
  const add = (about: string, lines: readonly string[], connection?: string) =>
    requests.set(about, async (cookie, path) => (await sendText(origin, get(origin, path, cookie, lines, connection))).status);
  for (const named of [...OURS, all, all.toLowerCase(), all.replaceAll('-', '_'), 'Cookie, X-Forwarded-Host, X-Forwarded-For']) {
    add(`Connection: ${named}`, [], `close, ${named}`);
    add(`two Connection: ${named}`, [`Connection: ${named}`]);
    for (const list of ['Proxy-Connection', 'TE', 'Keep-Alive', 'Trailer', 'Upgrade', 'X.Connection']) add(`${list}: ${named}`, [`${list}: ${named}`]);
  }
  const statuses = await expectOwnIdentity(deployment, signedInUser, new Map([...requests].filter(([about]) => !/: Cookie/.test(about))));
  expect([...statuses.values()], 'most requests are answered').toContain(200);
  // Who makes the proxy drop the cookie is signed out, and nothing else.
  const before = deployment.app.received.length;
  const { status } = await sendText(origin, get(origin, '/', await signedInUser.cookieAt(origin), [], 'close, Cookie'));
  if (status !== 200) expect(deployment.app.received.length).toBe(before);
});

test('trailer fields and malformed lines claim no identity', async ({ signedInUser, deployment }) => {
  const { origin } = deployment.app;
  const { host } = new URL(origin);
  const chunked = (head: readonly string[], trailers: readonly string[]) => async (cookie: string, path: string) => {
    const lines = [`POST ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${cookie}`, 'Connection: close', 'Transfer-Encoding: chunked', ...head];
    const body = ['', '3', 'a=1', '0', ...trailers, '', ''];
    return (await sendText(origin, [...lines, ...body].join('\r\n'))).status;
  };
  const fields = ['X-Auth-Request-User', 'X.Auth.Request.User'].map((name) => `${name}: ${VALUE}`);
  const malformed = (line: string) => async (cookie: string, path: string) => (await sendText(origin, get(origin, path, cookie, [line]))).status;
  await expectOwnIdentity(
    deployment,
    signedInUser,
    new Map([
      ['trailers', chunked([], fields)],
      ['announced trailers', chunked(['TE: trailers', 'Trailer: X-Auth-Request-User, X.Auth.Request.User'], fields)],
      ...[
        `X-Auth-Request-User : ${VALUE}`,
        `X-Auth-Request-User\t: ${VALUE}`,
        ` X-Auth-Request-User: ${VALUE}`,
        `A: b\r\n X-Auth-Request-User: x`,
        `A: b\nX-Auth-Request-User: ${VALUE}`,
        `A: b\rX-Auth-Request-User: x`,
        `X-Auth-Request-User\0: ${VALUE}`,
        `X-Auth\xa0Request-User: ${VALUE}`,
        `"X-Auth-Request-User": ${VALUE}`,
        `X/Auth/Request/User: ${VALUE}`,
        `X(Auth)Request,User: ${VALUE}`,
      ].map((line) => [JSON.stringify(line), malformed(line)] as const),
    ]),
  );
});

test('a public path gets no identity at all', async ({ signedInUser, deployment, reverseProxy }) => {
  test.skip(reverseProxy !== 'nginx', 'the other examples have no public path');
  const { app } = deployment;
  const cookie = await signedInUser.cookieAt(app.origin);
  const lines = [...OURS, ...OTHERS, ...CHARACTERS.flatMap((character) => variants('X-Auth-Request-User', character))].map((name) => `${name}: ${VALUE}`);
  const lists = [`Proxy-Connection: ${OURS.join()}`, `Trailer: ${OURS.join()}`];
  const before = app.received.length;
  const honest = ['User-Agent: probe/1', 'If-None-Match: "a"', 'Range: bytes=0-1', 'Accept: text/plain'];
  expect((await sendText(app.origin, get(app.origin, '/health', `${cookie}; theme=dark`, [...lines, ...lists, ...honest]))).status).toBe(200);
  const [seen] = app.received.slice(before);
  expect([...identityIn(seen!.raw, '/health').values()].filter((value) => value !== '')).toEqual([]);
  expect(JSON.stringify(seen!.raw)).not.toContain(VALUE);
  expect(seen!.headers).toMatchObject({ 'user-agent': 'probe/1', 'if-none-match': '"a"', range: 'bytes=0-1', accept: 'text/plain', cookie: 'theme=dark' });
});

test('a CORS preflight passes without an identity where the configuration says so', async ({ signedInUser, deployment, reverseProxy }) => {
  const { app, ownHost } = deployment;
  const preflight = { origin: 'https://shop.example.com', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'content-type' };
  const cookie = await signedInUser.cookieAt(app.origin);
  for (const more of [{}, { cookie }]) {
    const before = app.received.length;
    expect((await sendRequest(`${app.origin}/orders/1`, { method: 'OPTIONS', headers: { ...preflight, ...more } })).status).toBe(200);
    const [seen] = app.received.slice(before);
    expect(seen).toMatchObject({ method: 'OPTIONS', url: '/orders/1', headers: preflight });
    expect([...identityIn(seen!.raw, 'preflight').values()].filter((value) => value !== '')).toEqual([]);
  }
  const { origin: _, ...none } = preflight;
  for (const [headers, method] of [[none, 'OPTIONS'], [preflight, 'PUT'], [{ origin: preflight.origin }, 'OPTIONS']] as const) {
    expect((await sendRequest(`${app.origin}/orders/1`, { method, headers })).status, method).toBe(401);
  }
  const claimed = { ...preflight, 'X-Auth-Request-Email': VALUE };
  await sendRequest(`${app.origin}/orders/1`, { method: 'OPTIONS', headers: claimed });
  expect(JSON.stringify(app.received.at(-1)!.raw)).not.toContain(VALUE);
  if (reverseProxy === 'traefik') return;
  expect((await sendRequest(`${ownHost.origin}/`, { method: 'OPTIONS', headers: preflight })).status).toBe(401);
});
