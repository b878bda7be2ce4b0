// Nobody is there upstream: said at once, and nothing that was typed is lost.
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: { LATCHKEY_TRANSMIT__TOKEN_PATH: '/no/such/path' } });

test('no code can be sent: the form says so and keeps the number', async ({ axe, page, phone, visitor }) => {
  await page.goto('/sign-in');
  await visitor.types(phone.e164);
  const error = page.getByText(/Nothing is lost, and it is not your fault\. Please try again in/);
  await expect(error).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByLabel('Phone number')).toHaveValue(phone.e164);
  await axe(page);
});
