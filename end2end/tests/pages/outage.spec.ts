// The sign-in form while the upstream issues no client token.
import { startProduct } from '../../fixtures/product.ts';
import { expect, test as base } from '../../fixtures/test.ts';

const test = base.extend({
  product: [
    async ({}, use, worker) => {
      const settings = { LATCHKEY_TRANSMIT__TOKEN_PATH: '/no/such/path' };
      const product = await startProduct(String(worker.workerIndex), settings, '/livez');
      await use(product);
      await product.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
});

test('without an upstream the form shows an error and keeps the number', async ({ axe, page, phone, user }) => {
  await page.goto('/sign-in');
  await user.submitIdentifier(phone.e164);
  await expect(page.getByText(/The problem is on our side; nothing was lost\. Please try again in/)).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByLabel('Phone number')).toHaveValue(phone.e164);
  await axe(page);
});
