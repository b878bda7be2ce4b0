// An expired code.
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: { LATCHKEY_TRANSMIT__OTP_LIFETIME: '5s', LATCHKEY_GUARD__COOL_DOWN: '1s' } });

test('W5: an expired code is shown as expired, makes no upstream call, and can be replaced', async ({
  axe,
  javaScriptEnabled,
  page,
  person,
  sandbox,
  user,
}) => {
  const code = await user.requestCode(person);
  const sent = Date.now();
  const expired = page.getByRole('heading', { level: 1, name: 'Your code has expired' });
  if (javaScriptEnabled === false) {
    // Without JavaScript the page does not change by itself, so the form is sent too late.
    await page.getByLabel('Code', { exact: true }).fill(code);
    await expect.poll(() => Date.now() - sent, { timeout: 8_000 }).toBeGreaterThan(5_100);
    const calls = await sandbox.callsDuring(async () => {
      await page.getByLabel('Code', { exact: true }).press('Enter');
      await expect(expired).toBeVisible();
    });
    expect(calls.otp_authenticate).toBeUndefined();
  } else {
    await expect(expired).toBeVisible({ timeout: 8_000 });
    await expect(page.getByLabel('Code', { exact: true })).toBeHidden();
  }
  await axe(page);
  await page.reload();
  await expect(expired).toBeVisible();

  await user.press('Send a new code');
  await expect(page.getByText('A new code is on its way.')).toBeVisible();
  await user.submitCode(await sandbox.lastCode(person.phone, 1));
  await expect(page).toHaveURL(/\/account$/);
});
