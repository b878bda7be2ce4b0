// The code page with its island: pasted codes and WebOTP.
import { type Page } from '@playwright/test';

import { expect, test } from '../../fixtures/test.ts';
import { waitForHydration } from '../../fixtures/user.ts';

test.describe('W1: a pasted code', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  for (const [how, write] of [
    ['unchanged', (code: string) => code],
    ['with spaces', (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)}\n`],
    ['with dashes', (code: string) => [...code].join('-')],
    ['in Arabic digits', (code: string) => code.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
  ] as const) {
    test(`${how} is accepted`, async ({ page, phone, sandbox, user }) => {
      await sandbox.putUser(phone.e164);
      const code = await user.requestCode(phone.e164);
      await waitForHydration(page);
      const field = page.getByLabel('Code', { exact: true });
      await page.evaluate((text) => navigator.clipboard.writeText(text), write(code));
      await field.focus();
      await page.keyboard.press('Control+V');
      await expect(field).toHaveValue(code);
      await page.keyboard.press('Enter');
      await expect(page).toHaveURL(/\/account$/);
    });
  }
});

test.describe('M5: WebOTP', () => {
  /** Replaces WebOTP. `window.deliver(code)` simulates the message. */
  async function stub(page: Page): Promise<void> {
    await page.addInitScript(() => {
      const calls: { options: unknown; signal?: AbortSignal }[] = [];
      Object.assign(window, { OTPCredential: class OTPCredential {}, calls });
      navigator.credentials.get = (options) => {
        const signal = options?.signal;
        calls.push({ options: { otp: (options as { otp?: unknown }).otp }, ...(signal ? { signal } : {}) });
        return new Promise((done, failed) => {
          Object.assign(window, { deliver: (code: string) => done({ code } as unknown as Credential) });
          signal?.addEventListener('abort', () => failed(new DOMException('aborted', 'AbortError')));
        });
      };
    });
  }
  const aborted = (page: Page) =>
    page.evaluate(() => (window as unknown as { calls: { signal?: AbortSignal }[] }).calls.map(({ signal }) => signal?.aborted));

  test('fills in the code and sends the form', async ({ page, phone, sandbox, user }) => {
    await stub(page);
    await sandbox.putUser(phone.e164);
    const code = await user.requestCode(phone.e164);
    await waitForHydration(page);
    expect(
      await page.evaluate(() => (window as unknown as { calls: { options: unknown }[] }).calls.map(({ options }) => options)),
    ).toEqual([{ otp: { transport: ['sms'] } }]);
    await page.evaluate((code) => (window as unknown as { deliver(code: string): void }).deliver(code), code);
    await expect(page).toHaveURL(/\/account$/);
  });

  test('is aborted when a code is submitted', async ({ page, phone, sandbox, user }) => {
    await stub(page);
    await sandbox.putUser(phone.e164);
    await user.requestCode(phone.e164);
    await waitForHydration(page);
    expect(await aborted(page)).toEqual([false]);
    await user.submitCode('12');
    await expect(page.getByText(/Enter every digit/)).toBeVisible();
    expect(await aborted(page)).toEqual([true]);
  });

  test('is not requested on a page without a code', async ({ page }) => {
    await stub(page);
    await page.goto('/sign-in');
    await waitForHydration(page);
    expect(await aborted(page)).toEqual([]);
  });
});
