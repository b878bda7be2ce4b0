// S3: a resend after the cool-down replaces the code.
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: { LATCHKEY_GUARD__COOL_DOWN: '4s,1m' } });

test('S3: a new code can be requested after the wait, and replaces the first', async ({ page, person, sandbox, user }) => {
  const first = await user.requestCode(person);
  const { now, deadline } = await page
    .locator('#resend-wait [data-deadline]')
    .evaluate((wait: HTMLElement) => ({ now: Number(wait.dataset['now']), deadline: Number(wait.dataset['deadline']) }));
  expect(deadline - now).toBeGreaterThan(0);
  // Without JavaScript the button is always enabled, and the page does not show the end of the
  // wait.
  await page.waitForTimeout(deadline - now + 200);
  await user.press('Send a new code');
  await expect(page.getByText('A new code is on its way. Older codes no longer work.')).toBeVisible();

  // The field has the focus, so its description is heard first.
  await expect(page.getByLabel('Code', { exact: true })).toHaveAccessibleDescription(/^A new code is on its way\./);

  const second = await sandbox.lastCode(person.phone, 1);
  await expect(page.locator('#resend-wait')).toContainText(/1 minute|\d+ seconds/);
  if (first !== second) {
    await user.submitCode(first);
    await expect(page.getByText(/That code didn’t work/)).toBeVisible();
  }
  await user.submitCode(second);
  await expect(page).toHaveURL(/\/account$/);
});
