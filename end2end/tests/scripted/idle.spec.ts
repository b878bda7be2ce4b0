// The warning before an idle session ends.
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: { LATCHKEY_SESSION__IDLE_TIMEOUT: '8s' } });

test('W5: a warning offers to extend the session, and without a response it ends', async ({ axe, page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.signIn(phone.e164);
  const dialog = page.getByRole('dialog', { name: 'Are you still there?' });
  await expect(dialog).toBeHidden();
  await expect(dialog).toBeVisible({ timeout: 8_000 });
  await expect(dialog).toContainText(/We’ll sign you out in \d seconds?\./);
  await axe(page);
  await expect(dialog.getByRole('button', { name: 'Stay signed in' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page).toHaveURL(/\/account$/);

  await expect(dialog).toBeVisible({ timeout: 8_000 });
  await expect(page).toHaveURL(/\/sign-in$/, { timeout: 10_000 });
});
