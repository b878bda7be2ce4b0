// The code by email, which is offered after the first wait.
import { expect, test } from '../../fixtures/test.ts';
import { waitForHydration } from '../../fixtures/user.ts';

test.use({ settings: { LATCHKEY_SIGN_IN__FALLBACK: 'email', LATCHKEY_GUARD__COOL_DOWN: '4s,1m' } });

test('the code by email is offered when the wait is over, and signs in', async ({ page, phone, sandbox, user }) => {
  const address = `${phone.e164.slice(1)}@example.org`;
  await page.addInitScript(() => {
    Object.assign(window, { OTPCredential: class OTPCredential {} });
    navigator.credentials.get = () => {
      sessionStorage.setItem('webotp', location.pathname + document.querySelector('#code')?.getAttribute('data-sms'));
      return new Promise(() => undefined);
    };
  });
  await sandbox.putUser(phone.e164);
  await sandbox.putEmail(phone.e164, address);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const askedForSms = () => page.evaluate(() => sessionStorage.getItem('webotp'));
  expect(await askedForSms()).not.toBeNull();
  const button = page.getByRole('button', { name: 'Get the code by email instead' });
  await expect(button).toBeHidden();
  await expect(button).toBeVisible({ timeout: 20_000 });

  await page.evaluate(() => sessionStorage.removeItem('webotp'));
  await button.click();
  await expect(page.getByText('if your account has an email address')).toBeVisible();
  await waitForHydration(page);
  expect(await askedForSms(), 'no browser reads a code from an email').toBeNull();
  await expect(page.getByText(address)).toHaveCount(0);
  // Both buttons wait again.
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('button', { name: 'Send a new code by text message' })).toHaveAttribute('aria-disabled', 'true');

  await user.submitCode(await sandbox.lastCode(address));
  await expect(page).toHaveURL(/\/account$/);
});
