// The sign-up: the sign-in flow that also creates a user.
import { expect, test } from '../../fixtures/test.ts';
import { expectError } from '../../fixtures/user.ts';

test('a number and a name create an account', async ({ axe, page, phone, sandbox, user }) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(page).toHaveURL(/\/sign-up$/);
  await axe(page);
  const calls = await sandbox.callsDuring(async () => {
    await page.getByLabel('Name (optional)').fill('Ada Lovelace');
    await user.submitIdentifier(phone.e164);
    await expect(page).toHaveURL(/\/code$/);
    await user.submitCode(await sandbox.lastCode(phone.e164));
    await expect(page).toHaveURL(/\/account$/);
    await expect(page.getByText('First sign-in with this browser')).toHaveCount(0);
    // The name is sent upstream after the response.
    await expect.poll(async () => (await sandbox.calls()).user_update ?? 0).toBeGreaterThan(0);
  });
  // The design allows three calls for a new number, four with a name.
  const { token: _token, jwks: _jwks, ...own } = calls;
  expect(own).toEqual({ user_create: 1, otp_send: 1, otp_authenticate: 1, user_update: 1 });
});

test('a number that has an account signs in through the sign-up page', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164, '/sign-up');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re signed in');
});

test('W7: an invalid number does not clear the name', async ({ page, phone, user }) => {
  await page.goto('/sign-up');
  await page.getByLabel('Name (optional)').fill('Grace Hopper');
  await user.submitIdentifier('12');
  await expectError(page, 'Phone number', /doesn’t look like a complete phone number/);
  await expect(page).toHaveURL(/\/sign-up$/);
  await expect(page.getByLabel('Name (optional)')).toHaveValue('Grace Hopper');
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await page.getByRole('link', { name: 'Use a different number' }).click();
  await expect(page, 'back to the page where the flow began').toHaveURL(/\/sign-up$/);
});
