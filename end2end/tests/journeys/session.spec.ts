// Sign-out, the list of sessions and the lifetime of the session cookie.
import { devices } from '@playwright/test';

import { expect, test } from '../../fixtures/test.ts';

test('K7: a sign-out ends the session here and upstream, and Back does not restore it', async ({ mode, page, person, sandbox, user }) => {
  await user.signIn(person);
  const cookies = await page.context().cookies();
  const calls = await sandbox.callsDuring(async () => {
    await user.press('Sign out');
    await expect(page).toHaveURL(/\/sign-in$/);
    await expect.poll(async () => (await sandbox.calls()).session_logout ?? 0).toBeGreaterThan(0);
  });
  expect(calls).toEqual({ session_logout: 1 });
  // The sign-out deletes our cookies one by one and keeps that of the recognised device.
  const left = (await page.context().cookies()).map(({ name }) => name);
  expect(left).toEqual(['latchkey-browser']);

  await page.goBack();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(mode.heading);
  await expect(page.getByText('You’re signed in')).toBeHidden();
  // The old cookies no longer authenticate.
  await page.context().addCookies(cookies);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/sign-in$/);

  // A new code can be requested immediately, because a successful sign-in ends the cool-down.
  await user.signIn(person);
  await expect(page.getByText('First sign-in with this browser')).toBeHidden();
});

test('the sign-out page asks for confirmation, and also works without a session', async ({ axe, page, person, user }) => {
  await user.signIn(person);
  await page.goto('/sign-out');
  await axe(page);
  await page.getByRole('link', { name: 'Stay signed in' }).click();
  await expect(page).toHaveURL(/\/account$/);
  await page.goto('/sign-out');
  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in$/);

  await page.goto('/sign-out');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re signed out');
  await axe(page);
  await user.press('Back to sign-in');
  await expect(page).toHaveURL(/\/sign-in$/);
});

test('K9: the list shows all sessions, and can end one or all others', async ({
  axe,
  page,
  person,
  openOtherBrowser,
  user,
}) => {
  await user.signIn(person);
  // The same person signs in with two further browsers.
  const others = [
    await openOtherBrowser({ userAgent: devices['iPhone 15'].userAgent }),
    await openOtherBrowser({ userAgent: devices['Desktop Safari'].userAgent }),
  ] as const;
  for (const other of others) await other.signIn(person);

  await page.goto('/account');
  const rows = page.getByRole('region', { name: 'Where you’re signed in' }).getByRole('listitem');
  await expect(rows).toHaveCount(3);
  await expect(rows.first()).toContainText('This browser');
  await expect(rows.first()).toContainText(/Chrome on (Android|Linux|Windows)/);
  await axe(page);
  const icon = (system: string) => rows.filter({ hasText: system }).locator('.icon path').getAttribute('d');
  expect(await icon('iPhone'), 'a person has another icon than a computer').not.toBe(await icon('macOS'));

  await rows.last().getByRole('button', { name: 'Sign out' }).click();
  await expect(rows).toHaveCount(2);
  await user.press('Sign out all other browsers');
  await expect(rows).toHaveCount(1);
  await expect(page.getByRole('button', { name: 'Sign out all other browsers' })).toHaveCount(0);
  for (const other of others) {
    await other.page.goto('/account');
    await expect(other.page).toHaveURL(/\/sign-in$/);
  }
  await page.reload();
  await expect(page).toHaveURL(/\/account$/);
});

test('a session cookie ends with the browser, or after thirty days with "Stay signed in"', async ({ page, person, sandbox, user }) => {
  const session = async () => (await page.context().cookies()).find(({ name }) => name === 'latchkey');
  await user.signIn(person);
  expect(await session()).toMatchObject({ expires: -1, httpOnly: true, sameSite: 'Lax', path: '/' });
  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in$/);

  const before = (await sandbox.inbox(person.phone)).length;
  await expect(page.getByLabel('Stay signed in')).not.toBeChecked();
  await page.getByLabel('Stay signed in').check();
  await user.submitIdentifier(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(person.phone, before));
  await expect(page).toHaveURL(/\/account$/);
  const days = ((await session())!.expires * 1000 - Date.now()) / 86_400_000;
  expect(days).toBeGreaterThan(1);
  expect(days).toBeLessThanOrEqual(30.01);
});
