// The first page that a person sees, with and without JavaScript.
import { expect, test } from '../../fixtures/test.ts';

test('the way in is one field and one button, open to everybody', async ({ axe, page }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page).toHaveTitle(/\S/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  const form = page.locator('form[action="/api/send-code"]');
  await expect(form.locator('input[name="phone"]')).toBeVisible();
  await expect(form.getByRole('button')).toBeVisible();
  await axe(page);
});

test('the number leads to the code, and the code to the account', async ({ page, phone, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in');
  const number = page.locator('form[action="/api/send-code"] input[name="phone"]');
  await number.fill(phone.e164);
  await number.press('Enter');
  await expect(page).toHaveURL(/\/code$/);
  const code = page.locator('form[action="/api/verify-code"] input[name="code"]');
  await code.fill(await sandbox.lastCode(phone.e164));
  // The island may send a complete code by itself.
  if (page.url().endsWith('/code')) await code.press('Enter').catch(() => undefined);
  await expect(page).toHaveURL(/\/account$/);
});
