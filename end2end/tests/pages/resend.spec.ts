// Another code: not at once (S3), and then it is the only one that works.
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: { LATCHKEY_GUARD__COOL_DOWN: '4s,1m' } });

test('a new code may be asked for after the wait, and replaces the first', async ({ page, phone, sandbox, visitor }) => {
  await sandbox.putUser(phone.e164);
  const first = await visitor.asksForCode(phone.e164);
  const button = page.getByRole('button', { name: 'Send a new code' });
  // Without scripts the button can always be pressed; the page reloads when its time has come.
  await expect(async () => {
    await button.click({ timeout: 500 });
    expect(await sandbox.inbox(phone.e164)).toHaveLength(2);
  }).toPass({ timeout: 15_000, intervals: [1_500] });
  await expect(page.getByText('A new code is on its way. Earlier codes no longer work.')).toBeVisible();

  const second = await sandbox.lastCode(phone.e164, 1);
  await expect(page.locator('#resend-wait')).toContainText(/1 minute|\d+ seconds/);
  if (first !== second) {
    await visitor.enters(first);
    await expect(page.getByText(/This code did not work/)).toBeVisible();
  }
  await visitor.enters(second);
  await expect(page).toHaveURL(/\/account$/);
});
