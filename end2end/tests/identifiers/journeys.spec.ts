// Journeys of people who sign in with another identifier than their number. The code goes to the
// phone that upstream has.
import { wrongCode } from '../../fixtures/test-data.ts';
import { expect, test } from '../../fixtures/identifier-test.ts';
import { expectError } from '../../fixtures/user.ts';

test('W2 K8: the identifier and a code lead to the account, which shows the mask alone', async ({
  axe,
  mode,
  page,
  person,
  requestCode,
  user,
}) => {
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(mode.heading);
  const field = page.getByLabel(mode.label);
  for (const [name, value] of [
    ['type', mode.type],
    ['inputmode', mode.inputMode],
    ['autocomplete', mode.autocomplete],
    ['autocapitalize', 'none'],
  ] as const) {
    await expect(field).toHaveAttribute(name, value);
  }
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await expect(page.locator('a[href^="/sign-up"]')).toHaveCount(0);
  await axe(page);

  const code = await requestCode();
  await expect(page.getByText('Look for a text message')).toContainText(person.mask);
  expect(await page.content()).not.toContain(person.identifier);
  expect(await page.content()).not.toContain(person.phone.slice(-7));
  await axe(page);
  await user.submitCode(wrongCode(code));
  await expectError(page, 'Code', /That code didn’t work\..*You have one try left/);
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole('main')).toContainText('Signed in as');
  await expect(page.getByRole('main')).toContainText(person.mask);
  expect(await page.content()).not.toContain(person.identifier);

  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText('You’re signed out')).toBeVisible();
});

test('W3: what is no identifier is refused at the field, is kept, and can be corrected', async ({
  mode,
  page,
  person,
  sandbox,
  submit,
}) => {
  await page.goto('/sign-in');
  const calls = await sandbox.callsDuring(async () => {
    await submit(mode.invalid);
    await expectError(page, mode.label, mode.sentence);
  });
  expect(calls.otp_send).toBeUndefined();
  await expect(page.getByLabel(mode.label)).toHaveValue(mode.invalid);
  await submit(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
});

test('S3: a new code can be requested after the wait, and goes to the same phone', async ({
  page,
  person,
  requestCode,
  sandbox,
  user,
}) => {
  await requestCode();
  const wait = page.locator('#resend-wait [data-deadline]');
  const { now, deadline } = await wait.evaluate((element: HTMLElement) => ({
    now: Number(element.dataset['now']),
    deadline: Number(element.dataset['deadline']),
  }));
  await page.waitForTimeout(Math.max(0, deadline - now) + 200);
  await user.press('Send a new code');
  await expect(page.getByText('A new code is on its way. Older codes no longer work.')).toBeVisible();
  await user.submitCode(await sandbox.lastCode(person.phone, 1));
  await expect(page).toHaveURL(/\/account$/);
});

test('E1: an unknown identifier looks the same, and another one can be used', async ({
  mode,
  page,
  person,
  sandbox,
  submit,
  user,
}) => {
  await page.goto('/sign-in');
  const unknown = mode.identifier('nobody1234', 'nobody1234');
  await submit(unknown);
  await expect(page).toHaveURL(/\/code$/);
  await expect(page.getByText('Look for a text message')).toContainText(mode.mask(unknown));
  await page.getByRole('link', { name: 'Start over' }).click();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByLabel(mode.label), 'what was typed need not be typed again').toHaveValue(unknown);
  await submit(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
  await user.submitCode(await sandbox.lastCode(person.phone));
  await expect(page).toHaveURL(/\/account$/);
});
