// What people type to get a code: refused, unknown, and replaced by another.
import { expect, test } from '../../fixtures/test.ts';
import { expectError } from '../../fixtures/user.ts';

test('W3: what is no identifier is refused at the field, is kept, and can be corrected', async ({
  axe,
  mode,
  page,
  person,
  sandbox,
  user,
}) => {
  await page.goto('/sign-in');
  const calls = await sandbox.callsDuring(async () => {
    await user.submitIdentifier(mode.invalid);
    await expectError(page, mode.label, mode.sentence);
  });
  expect(calls.otp_send).toBeUndefined();
  await expect(page.getByLabel(mode.label)).toHaveValue(mode.invalid);
  await axe(page);
  await user.submitIdentifier(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
});

test('E1: an unknown identifier looks the same, and another one gets a code immediately', async ({
  mode,
  page,
  person,
  sandbox,
  user,
}) => {
  await page.goto('/sign-in');
  await user.submitIdentifier(mode.unknown);
  await expect(page).toHaveURL(/\/code$/);
  await expect(page.getByText('Look for a text message')).toContainText(mode.mask(mode.unknown));
  await page.getByRole('link', { name: mode.otherLink }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByLabel(mode.label), 'what was typed need not be typed again').toHaveValue(mode.unknown);
  await user.submitIdentifier(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(person.phone));
  await expect(page).toHaveURL(/\/account$/);
});
