// The code page: the field, errors, attempts, the resend time and the help.
import { wrongCode } from '../../fixtures/test-data.ts';
import { expect, test } from '../../fixtures/test.ts';
import { expectError } from '../../fixtures/user.ts';

test('M7 W1: the code has one field with the attributes for autofill', async ({ axe, page, person, user }) => {
  await user.requestCode(person);
  await expect(page.locator('form[action="/api/verify-code"] input:not([type=hidden])')).toHaveCount(1);
  const field = page.getByLabel('Code', { exact: true });
  await expect(field).toBeFocused();
  for (const [name, value] of [
    ['type', 'text'],
    ['inputmode', 'numeric'],
    ['autocomplete', 'one-time-code'],
    ['dir', 'ltr'],
  ] as const) {
    await expect(field).toHaveAttribute(name, value);
  }
  // The server finds the code in more than the browser could check.
  for (const limit of ['maxlength', 'pattern']) expect(await field.getAttribute(limit)).toBeNull();
  await expect(page.getByText(/^Code valid for (5:00|4:\d\d)$/)).toBeVisible();
  await axe(page);
});

test('W1: spaces and dashes in a code are ignored', async ({ page, person, user }) => {
  const code = await user.requestCode(person);
  await user.submitCode(`${code.slice(0, 3)} ${code.slice(3, 5)}-${code.slice(5)} `);
  await expect(page).toHaveURL(/\/account$/);
});

test('W3: a wrong code shows an error with the remaining attempts at the field, and the right code works', async ({
  axe,
  page,
  person,
  user,
}) => {
  const code = await user.requestCode(person);
  await user.submitCode(wrongCode(code));
  await expectError(page, 'Code', /That code didn’t work\. Check it, or get a new one\..*You have one try left/);
  await axe(page);
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
});

test('C5: without attempts the page shows the time to wait, and no upstream call is made', async ({
  axe,
  page,
  person,
  sandbox,
  user,
}) => {
  const code = await user.requestCode(person);
  await user.submitCode(wrongCode(code));
  await expectError(page, 'Code', /one try left/);
  await user.submitCode(wrongCode(code));
  const heading = page.getByRole('heading', { level: 1 });
  await expect(heading).toHaveText('Too many tries');
  await expect(page.getByRole('main')).toContainText(/please wait 1[45] minutes/);
  await axe(page);
  const calls = await sandbox.callsDuring(async () => {
    await page.getByRole('link', { name: 'Try again' }).click();
    await expect(heading).toHaveText('Too many tries');
  });
  expect(calls).toEqual({});
});

test('a code of the wrong format shows an error and does not use up an attempt', async ({ page, person, sandbox, user }) => {
  const code = await user.requestCode(person);
  const calls = await sandbox.callsDuring(async () => {
    await user.submitCode(code.slice(0, 4));
    await expectError(page, 'Code', /Enter all the digits of the code/);
  });
  expect(calls.otp_authenticate).toBeUndefined();
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
});

test('S3: a reload keeps the remaining time and sends nothing', async ({ page, person, sandbox, user }) => {
  await user.requestCode(person);
  const wait = page.locator('#resend-wait [data-deadline]');
  const deadline = await wait.getAttribute('data-deadline');
  const calls = await sandbox.callsDuring(async () => {
    await page.reload();
    await expect(wait).toHaveText(/You can get a new code in \d+ seconds?\./);
    // The same form in the same browser within the cool-down returns to the same flow.
    await page.goto('/sign-in');
    await user.submitIdentifier(person.identifier);
    await expect(page).toHaveURL(/\/code$/);
  });
  expect(await wait.getAttribute('data-deadline'), 'the server sets the deadline').toBe(deadline);
  expect(calls.otp_send).toBeUndefined();
  expect(await sandbox.inbox(person.phone)).toHaveLength(1);
});

test('R1: the help panel states the limits and the weakness of text messages', async ({ axe, page, person, user }) => {
  await page.goto('/sign-in');
  await user.submitIdentifier(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
  await page.getByText('Help with the code').click();
  await expect(page.getByText(/A code works for 5 minutes and allows up to 2 tries/)).toBeVisible();
  await expect(page.getByText(/A text message is less secure than/)).toBeVisible();
  await axe(page);
});
