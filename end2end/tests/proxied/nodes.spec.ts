// Two nodes, asked in turn: a journey hops at every request.
import { answered, test } from '../../fixtures/proxied/nodes.ts';
import { ask } from '../../fixtures/proxied/ask.ts';
import { cookieHeader, expect } from '../../fixtures/proxied/test.ts';

test('a journey hops from node to node, and a sign-out is seen by both at once', async ({
  page,
  pair,
  phone,
  sandbox,
  street,
  visitor,
}) => {
  await sandbox.putUser(phone.e164, 'Active', ['staff']);
  const before = await Promise.all(pair.map(answered));
  const to = `${street.app.origin}/orders?page=2`;
  await page.goto(to);
  await visitor.types(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await visitor.enters(await sandbox.lastCode(phone.e164));
  await expect(page).toHaveURL(to);
  const cookie = await cookieHeader(page.context(), street.app.origin);
  const statuses = async () => {
    const answers = Array.from({ length: 8 }, () => ask(`${street.app.origin}/orders`, { headers: { cookie } }));
    return (await Promise.all(answers)).map(({ status }) => status);
  };
  expect(await statuses()).toEqual(Array(8).fill(200));
  await page.goto(`${street.other.origin}/`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Reports');
  await visitor.presses('Sign out');
  await expect(page).toHaveURL(/\/sign-in\b/);
  expect(await statuses()).toEqual(Array(8).fill(401));

  const after = await Promise.all(pair.map(answered));
  for (const [at, count] of after.entries()) expect(count - (before[at] ?? 0), `node ${at}`).toBeGreaterThan(10);
});
