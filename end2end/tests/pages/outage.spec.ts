// The sign-in form while the upstream issues no client token.
import { OUTAGE_SETTINGS } from '../../fixtures/further-states.ts';
import { expect, test } from '../../fixtures/test.ts';

test.use({ settings: OUTAGE_SETTINGS, healthPath: '/livez' });

test('without an upstream the form shows an error and keeps the number', async ({ axe, page, phone, user }) => {
  await page.goto('/sign-in');
  await user.submitIdentifier(phone.e164);
  await expect(page.getByText(/The problem is on our side; nothing was lost\. Please try again in/)).toBeVisible();
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByLabel('Phone number')).toHaveValue(phone.e164);
  await axe(page);
});
