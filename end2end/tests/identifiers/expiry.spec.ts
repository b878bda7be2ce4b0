// An expired code in an identifier mode. It waits for the clock, so it is part of the long form
// alone (`npm run identifiers`).
import { expect, test } from '../../fixtures/identifier-test.ts';

test.use({ more: { LATCHKEY_TRANSMIT__OTP_LIFETIME: '8s' } });

test('W5: an expired code is replaced by one that goes to the same phone', async ({
  page,
  person,
  requestCode,
  sandbox,
  user,
}) => {
  const code = await requestCode();
  const sent = Date.now();
  const expired = page.getByRole('heading', { level: 1, name: 'Your code has expired' });
  await expect.poll(() => Date.now() - sent, { timeout: 15_000 }).toBeGreaterThan(8_100);
  await page.reload();
  await expect(expired).toBeVisible();
  await expect(page.getByText('Get a new one on the phone of')).toContainText(person.mask);
  await user.press('Send a new code');
  await expect(page.getByText('A new code is on its way.')).toBeVisible();
  const next = await sandbox.lastCode(person.phone, 1);
  expect(next).toHaveLength(code.length);
  await user.submitCode(next);
  await expect(page).toHaveURL(/\/account$/);
});
