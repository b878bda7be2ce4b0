// The sandbox's page with a simulated phone that receives the messages.
import { expect, test } from '../../fixtures/test.ts';

test('the sandbox’s phone shows a message when it arrives, with the code', async ({
  axe,
  context,
  page,
  phone,
  sandbox,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  const handset = await context.newPage();
  await handset.goto(sandbox.url);
  await expect(handset.getByText('This phone is simulated')).toBeVisible();
  const code = await user.requestCode(phone.e164);
  const message = handset.getByRole('listitem').filter({ hasText: code });
  // The page updates itself without a reload.
  await expect(message).toBeVisible({ timeout: 10_000 });
  await expect(message).toContainText(/Your Latchkey code is \d{6}\. Never share it with anyone\./);
  await axe(handset);
  await handset.close();
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
});
