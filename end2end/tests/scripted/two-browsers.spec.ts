// Two browsers that request a code for the same number.
import { expect, test } from '../../fixtures/test.ts';

test('C10 E3: a second browser sees the usual page, sends no message, and cannot use the code', async ({
  page,
  phone,
  sandbox,
  openOtherBrowser,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  const shown = (text: string) => text.replace(/\d+ (minute|second)s?/g, 'a while');
  const own = shown(await page.getByRole('main').innerText());

  const other = await openOtherBrowser();
  await other.page.goto('/sign-in');
  await other.submitIdentifier(phone.e164);
  await expect(other.page).toHaveURL(/\/code$/);
  expect(shown(await other.page.getByRole('main').innerText())).toBe(own);
  await other.submitCode(code);
  await expect(other.page.getByText(/That code didn’t work/)).toBeVisible();
  expect(await sandbox.inbox(phone.e164)).toHaveLength(1);

  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  // The owner's sign-in changes nothing in the other browser.
  await other.page.reload();
  await expect(other.page).toHaveURL(/\/code$/);
  await expect(other.page.getByText(/You have one try left/)).toBeVisible();
});
