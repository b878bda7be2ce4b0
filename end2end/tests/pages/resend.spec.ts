// Another code: not at once (S3), and then it is the only one that works.
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: { LATCHKEY_GUARD__COOL_DOWN: '4s,1m' } });

test('a new code may be asked for after the wait, and replaces the first', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const first = await user.requestCode(phone.e164);
  const { now, deadline } = await page
    .locator('#resend-wait [data-deadline]')
    .evaluate((wait: HTMLElement) => ({ now: Number(wait.dataset['now']), deadline: Number(wait.dataset['deadline']) }));
  expect(deadline - now).toBeGreaterThan(0);
  // Without scripts the button can always be pressed, and nothing on the page says when the wait is over.
  await page.waitForTimeout(deadline - now + 200);
  await user.press('Send a new code');
  await expect(page.getByText('A new code is on its way. Earlier codes no longer work.')).toBeVisible();

  const second = await sandbox.lastCode(phone.e164, 1);
  await expect(page.locator('#resend-wait')).toContainText(/1 minute|\d+ seconds/);
  if (first !== second) {
    await user.submitCode(first);
    await expect(page.getByText(/This code did not work/)).toBeVisible();
  }
  await user.submitCode(second);
  await expect(page).toHaveURL(/\/account$/);
});
