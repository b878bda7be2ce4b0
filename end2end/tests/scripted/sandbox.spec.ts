// The phone that receives the messages in development.
import { expect, test } from '../../fixtures/test.ts';

test('the sandbox’s phone shows the message when it arrives, and the code is easy to take', async ({
  axe,
  context,
  page,
  phone,
  sandbox,
  visitor,
}) => {
  await sandbox.putUser(phone.e164);
  const handset = await context.newPage();
  await handset.goto(sandbox.url);
  await expect(handset.getByText('This phone is simulated')).toBeVisible();
  const code = await visitor.asksForCode(phone.e164);
  const message = handset.getByRole('listitem').filter({ hasText: code });
  // By itself, without a reload.
  await expect(message).toBeVisible({ timeout: 10_000 });
  await expect(message).toContainText(/Your Latchkey code is \d{6}\. Never share it with anyone\./);
  await axe(handset);
  await handset.close();
  await visitor.enters(code);
  await expect(page).toHaveURL(/\/account$/);
});
