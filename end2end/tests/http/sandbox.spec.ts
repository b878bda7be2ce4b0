// The functions of the sandbox, the simulated Transmit service, that other tests rely on.
import { expect, test } from '../../fixtures/http.ts';
import { americanPhone } from '../../fixtures/test-data.ts';

test('a code arrives only in the inbox of its number', async ({ phone, post, sandbox }) => {
  const other = americanPhone();
  await sandbox.putUser(phone.e164);
  await sandbox.putUser(other.e164);
  await post('/api/send-code', { phone: phone.e164 });
  const code = await sandbox.lastCode(phone.e164);

  const [message] = await sandbox.inbox(phone.e164);
  expect(message).toMatchObject({ to: phone.e164, code });
  expect(message?.text).toContain(code);
  expect(message?.sent_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
  expect(await sandbox.inbox(other.e164)).toEqual([]);
  expect((await sandbox.inbox()).map(({ to }) => to)).toContain(phone.e164);
});

test('calls are counted by operation', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  const calls = await sandbox.callsDuring(async () => {
    await post('/api/send-code', { phone: phone.e164 });
    await sandbox.lastCode(phone.e164);
  });
  expect(calls.otp_send).toBe(1);
});

test('a reset deletes messages and users', async ({ phone, post, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await post('/api/send-code', { phone: phone.e164 });
  await sandbox.lastCode(phone.e164);
  await sandbox.reset();
  expect(await sandbox.inbox()).toEqual([]);
});

test('a fault occurs as often as configured', async ({ sandbox }) => {
  await sandbox.fault('session_logout', { kind: 'status', status: 503, times: 1 });
  const logout = async () => (await fetch(`${sandbox.url}/cis/v1/auth/session/logout`, { method: 'POST' })).status;
  expect(await logout()).toBe(503);
  expect(await logout(), 'without credentials').toBe(401);
});

test('a request with a foreign host name is refused', async ({ request, sandbox }) => {
  const response = await request.get(`${sandbox.url}/inbox.json`, { headers: { host: 'elsewhere.example' } });
  expect(response.status()).toBe(403);
});
