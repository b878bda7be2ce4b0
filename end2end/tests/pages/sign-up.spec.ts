// New people: the same way with one step before the send.
import { expect, test } from '../../fixtures/test.ts';
import { expectError } from '../../fixtures/user.ts';

test('a number and a name make an account', async ({ axe, page, phone, sandbox, user }) => {
  await page.goto('/sign-in');
  await page.getByRole('link', { name: 'Create an account' }).click();
  await expect(page).toHaveURL(/\/sign-up$/);
  await axe(page);
  const calls = await sandbox.callsDuring(async () => {
    await page.getByLabel('Name (optional)').fill('Ada Lovelace');
    await user.submitPhone(phone.e164);
    await expect(page).toHaveURL(/\/code$/);
    await user.submitCode(await sandbox.lastCode(phone.e164));
    await expect(page).toHaveURL(/\/account$/);
    // The name is written after the answer has left.
    await expect.poll(async () => (await sandbox.calls()).user_update ?? 0).toBeGreaterThan(0);
  });
  // The budget of the design: three calls for a new number, four with a name.
  const { token: _token, jwks: _jwks, ...own } = calls;
  expect(own).toEqual({ user_create: 1, otp_send: 1, otp_authenticate: 1, user_update: 1 });
});

test('a number is all it takes, also one that has an account', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164, '/sign-up');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re signed in');
});

test('W7: a wrong number costs nobody their name', async ({ page, phone, user }) => {
  await page.goto('/sign-up');
  await page.getByLabel('Name (optional)').fill('Grace Hopper');
  await user.submitPhone('12');
  await expectError(page, 'Phone number', /does not look like a complete phone number/);
  await expect(page).toHaveURL(/\/sign-up$/);
  await expect(page.getByLabel('Name (optional)')).toHaveValue('Grace Hopper');
  await user.submitPhone(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await page.getByRole('link', { name: 'Use another number' }).click();
  await expect(page, 'back where it began').toHaveURL(/\/sign-up$/);
});
