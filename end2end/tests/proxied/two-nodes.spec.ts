// Two nodes behind a proxy that alternates between them with every request.
import { countAnsweredRequests, test } from '../../fixtures/proxied/nodes.ts';
import { sendRequest } from '../../fixtures/proxied/http-client.ts';
import { cookieHeader, expect } from '../../fixtures/proxied/test.ts';

test('a sign-in works across two nodes, and a sign-out takes effect on both immediately', async ({
  page,
  bothNodes,
  phone,
  sandbox,
  deployment,
  user,
}) => {
  await sandbox.putUser(phone.e164, 'Active', ['staff']);
  const before = await Promise.all(bothNodes.map(countAnsweredRequests));
  const to = `${deployment.app.origin}/orders?page=2`;
  await page.goto(to);
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(phone.e164));
  await expect(page).toHaveURL(to);
  const cookie = await cookieHeader(page.context(), deployment.app.origin);
  const statuses = async () => {
    const answers = Array.from({ length: 8 }, () => sendRequest(`${deployment.app.origin}/orders`, { headers: { cookie } }));
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  expect(await statuses()).toEqual(Array(8).fill(200));
  await page.goto(`${deployment.other.origin}/`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Reports');
  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in\b/);
  expect(await statuses()).toEqual(Array(8).fill(401));

  const after = await Promise.all(bothNodes.map(countAnsweredRequests));
  for (const [at, count] of after.entries()) expect(count - (before[at] ?? 0), `node ${at}`).toBeGreaterThan(10);
});
