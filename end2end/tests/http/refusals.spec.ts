// What the doors refuse before anything is asked upstream.
import { expect, expectProblem, test } from '../../fixtures/http.ts';
import { wrongCode } from '../../fixtures/test-data.ts';

const FORM = 'application/x-www-form-urlencoded';

test.describe('an unsafe request from elsewhere', () => {
  for (const [name, headers] of [
    ['without Origin', {}],
    ['with another Origin', { origin: 'https://elsewhere.example' }],
    ['with an opaque Origin', { origin: 'null' }],
    ['of another site', { 'sec-fetch-site': 'cross-site' }],
    ['of a sibling host', { 'sec-fetch-site': 'same-site' }],
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

  test('is recognised by Sec-Fetch-Site alone, where there is no Origin', async ({ phone, request }) => {
    const response = await request.post('/api/send-code', {
      form: { phone: phone.e164 },
      headers: { accept: 'application/json', 'sec-fetch-site': 'same-origin' },
      maxRedirects: 0,
    });
    expect(response.status()).toBe(200);
  });
});

test('a missing field is malformed', async ({ post }) => {
  await expectProblem(await post('/api/send-code', {}), 422, 'malformed');
});

test('unknown fields are ignored', async ({ phone, post }) => {
  expect((await post('/api/send-code', { phone: phone.e164, utm_source: 'poster' })).status()).toBe(200);
});

for (const phone of ['hello', '+44 7', '+999 123 456 789', '+44 20']) {
  test(`${phone} is no number`, async ({ post }) => {
    await expectProblem(await post('/api/send-code', { phone }), 422, 'invalid_phone');
  });
}

test('a country that is not served is named at once', async ({ post, sandbox }) => {
  const swiss = '+41781234567';
  await expectProblem(await post('/api/send-code', { phone: swiss }), 422, 'country_not_served');
  expect(await sandbox.inbox(swiss)).toEqual([]);
});

test('a body of another kind, too long, or not of characters', async ({ product, request }) => {
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

test('a code without a flow', async ({ post }) => {
  await expectProblem(await post('/api/verify-code', { code: '123456' }), 409, 'no_flow');
  const form = await post('/api/verify-code', { code: '123456' }, { accept: 'text/html' });
  expect([form.status(), form.headers()['location']]).toEqual([303, '/sign-in']);
});

test('a code of the wrong shape costs no try', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await post('/api/send-code', { phone: phone.e164 });
  const code = await sandbox.lastCode(phone.e164);
  const calls = await sandbox.callsDuring(async () => {
    for (const shape of ['12', 'abcdef', '1234567890']) {
      await expectProblem(await post('/api/verify-code', { code: shape }), 422, 'invalid_code_format');
    }
  });
  expect(calls.otp_authenticate).toBeUndefined();
  const refused = await expectProblem(await post('/api/verify-code', { code: wrongCode(code) }), 401, 'code_refused');
  expect(refused.tries_left).toBe(1);
});

for (const path of ['/api/extend-session', '/api/revoke-session']) {
  test(`${path} is for people who are signed in`, async ({ post }) => {
    await expectProblem(await post(path, { id: 'others' }), 401, 'not_signed_in');
  });
}

test('signing out twice is no error', async ({ post }) => {
  const out = await post('/api/sign-out', {});
  expect(out.status()).toBe(200);
  expect(await out.json()).toEqual({ next: '/sign-in' });
});
