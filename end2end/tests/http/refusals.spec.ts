// Requests that are refused before any upstream call.
import { expect, expectProblem, test } from '../../fixtures/http.ts';
import { wrongCode } from '../../fixtures/test-data.ts';

const FORM = 'application/x-www-form-urlencoded';

test.describe('CSRF: an unsafe request', () => {
  for (const [name, headers] of [
    ['without Origin', {}],
    ['with another Origin', { origin: 'https://elsewhere.example' }],
    ['with an opaque Origin', { origin: 'null' }],
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from a sibling host', { 'sec-fetch-site': 'same-site' }],
  ] as const) {
    test(`${name} is refused`, async ({ phone, request, sandbox }) => {
      await sandbox.putUser(phone.e164);
      const response = await request.post('/api/send-code', {
        form: { phone: phone.e164 },
        headers: { accept: 'application/json', ...headers },
        maxRedirects: 0,
      });
      await expectProblem(response, 403, 'cross_origin');
      expect(await sandbox.inbox(phone.e164)).toEqual([]);
    });
  }

  test('without Origin is accepted if Sec-Fetch-Site is same-origin', async ({ phone, request }) => {
    const response = await request.post('/api/send-code', {
      form: { phone: phone.e164 },
      headers: { accept: 'application/json', 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    expect(response.status()).toBe(200);
  });
});

test('a missing field is refused as malformed', async ({ post }) => {
  await expectProblem(await post('/api/send-code', {}), 422, 'malformed');
});

test('unknown fields are ignored', async ({ phone, post }) => {
  expect((await post('/api/send-code', { phone: phone.e164, utm_source: 'poster' })).status()).toBe(200);
});

for (const phone of ['hello', '+44 7', '+999 123 456 789', '+44 20']) {
  test(`${phone} is refused as a phone number`, async ({ post }) => {
    await expectProblem(await post('/api/send-code', { phone }), 422, 'invalid_phone');
  });
}

test('a number from a country that is not served is refused and gets no message', async ({ post, sandbox }) => {
  const swiss = '+41781234567';
  await expectProblem(await post('/api/send-code', { phone: swiss }), 422, 'country_not_served');
  expect(await sandbox.inbox(swiss)).toEqual([]);
});

test('a body with another content type, too long or not UTF-8 is refused', async ({ product, request }) => {
  const send = (data: Buffer | string, type: string) =>
    request.post('/api/send-code', {
      data,
      headers: { accept: 'application/json', 'content-type': type, origin: product.url },
      maxRedirects: 0,
    });
  await expectProblem(await send('{"phone":"+447300123456"}', 'application/json'), 415, 'unsupported_media_type');
  await expectProblem(await send(`phone=${'4'.repeat(20_000)}`, FORM), 413, 'too_large');
  await expectProblem(await send(Buffer.from([...Buffer.from('phone='), 0xff, 0xfe]), FORM), 400, 'malformed_body');
});

test('a code without a flow is refused, and a form is redirected to the sign-in', async ({ post }) => {
  await expectProblem(await post('/api/verify-code', { code: '123456' }), 409, 'no_flow');
  const form = await post('/api/verify-code', { code: '123456' }, { accept: 'text/html' });
  expect([form.status(), form.headers()['location']]).toEqual([303, '/sign-in']);
});

test('a code of the wrong format does not use up an attempt', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await post('/api/send-code', { phone: phone.e164 });
  const code = await sandbox.lastCode(phone.e164);
  const calls = await sandbox.callsDuring(async () => {
    for (const malformed of ['12', 'abcdef', '1234567890']) {
      await expectProblem(await post('/api/verify-code', { code: malformed }), 422, 'invalid_code_format');
    }
  });
  expect(calls.otp_authenticate).toBeUndefined();
  const refused = await expectProblem(await post('/api/verify-code', { code: wrongCode(code) }), 401, 'code_refused');
  expect(refused.tries_left).toBe(1);
});

for (const path of ['/api/extend-session', '/api/revoke-session']) {
  test(`${path} requires a session`, async ({ post }) => {
    await expectProblem(await post(path, { id: 'others' }), 401, 'not_signed_in');
  });
}

test('signing out without a session succeeds', async ({ post }) => {
  const out = await post('/api/sign-out', {});
  expect(out.status()).toBe(200);
  expect(await out.json()).toEqual({ next: '/sign-in' });
});
