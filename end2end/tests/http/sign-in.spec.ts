// The sign-in flow over HTTP without a browser, with the responses that the design fixes.
import { expect, expectProblem, test } from '../../fixtures/http.ts';
import { wrongCode } from '../../fixtures/test-data.ts';

test('a sign-in creates a session with two upstream calls, and a sign-out ends it', async ({ phone, post, request, sandbox }) => {
  await sandbox.putUser(phone.e164);
  const calls = await sandbox.callsDuring(async () => {
    const sent = await post('/api/send-code', { phone: phone.e164 });
    expect(sent.status()).toBe(200);
    expect(await sent.json()).toEqual({ next: '/code' });

    const verified = await post('/api/verify-code', { code: await sandbox.lastCode(phone.e164) });
    expect(verified.status(), await verified.text()).toBe(200);
    expect(await verified.json()).toEqual({ next: '/account' });
  });
  // The design allows two calls for a known number.
  expect(calls).toMatchObject({ otp_send: 1, otp_authenticate: 1 });
  expect(Object.keys(calls).filter((operation) => !['token', 'jwks'].includes(operation)).sort()).toEqual([
    'otp_authenticate',
    'otp_send',
  ]);

  const session = await request.get('/api/session');
  expect(session.status()).toBe(200);
  const body = (await session.json()) as Record<string, unknown>;
  expect(Object.keys(body).sort()).toEqual(
    ['amr', 'auth_time', 'expires_at', 'idle_expires_at', 'phone', 'roles', 'sub'].sort(),
  );
  expect(JSON.stringify(body), 'the number is masked').not.toContain(phone.e164.slice(-7));

  for (const path of ['/', '/sign-in', '/sign-up']) {
    const response = await request.get(path, { maxRedirects: 0 });
    expect([response.status(), response.headers()['location']], path).toEqual([303, '/account']);
  }

  const out = await post('/api/sign-out', {});
  expect(await out.json()).toEqual({ next: '/sign-in' });
  expect(out.headers()['clear-site-data']).toBe('"storage"');
  await expectProblem(await request.get('/api/session'), 401, 'not_signed_in');
});

test('a national number with its country is accepted', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  const sent = await post('/api/send-code', { phone: phone.national, country: phone.country });
  expect(sent.status()).toBe(200);
  expect(await sandbox.lastCode(phone.e164)).toMatch(/^\d{6}$/);
});

test('a form post without JavaScript is redirected with 303', async ({ phone, post }) => {
  const sent = await post('/api/send-code', { phone: phone.e164 }, { accept: 'text/html,application/xhtml+xml' });
  expect(sent.status()).toBe(303);
  expect(sent.headers()['location']).toBe('/code');
});

test('E1: an unknown number gets the same responses, and no message is sent', async ({ phone, post, sandbox }) => {
  const sent = await post('/api/send-code', { phone: phone.e164 });
  expect(sent.status()).toBe(200);
  expect(await sent.json()).toEqual({ next: '/code' });
  await expectProblem(await post('/api/verify-code', { code: '000000' }), 401, 'code_refused');
  expect(await sandbox.inbox(phone.e164)).toEqual([]);
});

test('C3: a wrong code uses up an attempt, and the right code works once', async ({ phone, post, request, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await post('/api/send-code', { phone: phone.e164 });
  const code = await sandbox.lastCode(phone.e164);
  const refused = await expectProblem(await post('/api/verify-code', { code: wrongCode(code) }), 401, 'code_refused');
  // One less than the tenant's three, so that an unrecognised device cannot lock out the owner of
  // the number.
  expect(refused.tries_left).toBe(1);
  expect((await post('/api/verify-code', { code })).status()).toBe(200);
  expect((await post('/api/sign-out', {})).status()).toBe(200);
  await expectProblem(await post('/api/verify-code', { code }), 409, 'no_flow');
  expect((await request.get('/api/session')).status()).toBe(401);
});

test('S3: an early resend is refused with the time to wait', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await post('/api/send-code', { phone: phone.e164 });
  await sandbox.lastCode(phone.e164);
  const response = await post('/api/resend-code', {});
  const problem = await expectProblem(response, 429, 'slow_down');
  expect(problem.retry_after).toBeGreaterThan(0);
  expect(Number(response.headers()['retry-after'])).toBe(problem.retry_after);
  // The same number in the same browser gets the usual response, and nothing is sent.
  expect((await post('/api/send-code', { phone: phone.e164 })).status()).toBe(200);
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);
});

test('cookies over http on loopback are host-only and HttpOnly', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  const sent = await post('/api/send-code', { phone: phone.e164 });
  expectCookie(sent.headersArray(), 'latchkey-flow');
  const verified = await post('/api/verify-code', { code: await sandbox.lastCode(phone.e164) });
  expectCookie(verified.headersArray(), 'latchkey');
});

for (const to of ['https://elsewhere.example/', '//elsewhere.example/', '/\\elsewhere.example', 'javascript:alert(1)']) {
  test(`H8: ${to} is not accepted as return URL`, async ({ phone, post, sandbox }) => {
    await sandbox.putUser(phone.e164);
    await post('/api/send-code', { phone: phone.e164, return_to: to });
    const verified = await post('/api/verify-code', { code: await sandbox.lastCode(phone.e164) });
    expect(await verified.json()).toEqual({ next: '/account' });
  });
}

function expectCookie(headers: { name: string; value: string }[], name: string): void {
  const cookies = headers.filter((header) => header.name.toLowerCase() === 'set-cookie').map((header) => header.value);
  const cookie = cookies.find((value) => value.startsWith(`${name}=`));
  expect(cookie, `${name} in ${cookies.length} cookies`).toBeDefined();
  const attributes = (cookie ?? '').split(';').slice(1).map((attribute) => attribute.trim().toLowerCase());
  expect(attributes).toEqual(expect.arrayContaining(['httponly', 'path=/', 'samesite=lax']));
  expect(attributes.filter((attribute) => attribute === 'secure' || attribute.startsWith('domain'))).toEqual([]);
}
