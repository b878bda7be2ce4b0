// The code page with its island: pasted codes and WebOTP.
import { type Page } from '@playwright/test';

import { expect, test } from '../../fixtures/test.ts';
import { wrongCode } from '../../fixtures/test-data.ts';
import { hold, waitForHydration } from '../../fixtures/user.ts';

test.describe('W1: a pasted code', () => {
  test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

  for (const [how, write] of [
    ['unchanged', (code: string) => code],
    ['with spaces', (code: string) => ` ${code.slice(0, 3)} ${code.slice(3)}\n`],
    ['with dashes', (code: string) => [...code].join('-')],
    ['in Arabic digits', (code: string) => code.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)))],
    ['after a word', (code: string) => `Latchkey code ${code}`],
    ['after a time and a date', (code: string) => `[01.12.2026 09:41] ${code}`],
    ['as the whole message', (code: string) => `Your Latchkey code is ${code}. Never share it with anyone.\n\n@id.example.com #${code}`],
  ] as const) {
    test(`${how} is accepted, and sent without the button`, async ({ page, phone, sandbox, user }) => {
      await sandbox.putUser(phone.e164);
      const code = await user.requestCode(phone.e164);
      await waitForHydration(page);
      const field = page.getByLabel('Code', { exact: true });
      await page.evaluate((text) => navigator.clipboard.writeText(text), write(code));
      await field.focus();
      // What was there before does not stay.
      await page.keyboard.type('12');
      const go = await hold(page, '/api/verify-code');
      await page.keyboard.press('Control+V');
      await expect(field).toHaveValue(code);
      go();
      await expect(page).toHaveURL(/\/account$/);
    });
  }
});

test('W1: pasted numbers that hold no code are not cut to one', async ({ context, page, phone, sandbox, user }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  const field = page.getByLabel('Code', { exact: true });
  for (const [pasted, shown] of [
    ['Your code 12345678', '12345678'],
    [`Your Latchkey code is ${code}. Ticket #654321`, `${code}654321`],
  ] as const) {
    await page.evaluate((text) => navigator.clipboard.writeText(text), pasted);
    await field.fill('');
    await field.focus();
    await page.keyboard.press('Control+V');
    await expect(field).toHaveValue(shown);
    await user.press('Sign in');
    await expect(page.getByText(/Enter all the digits/)).toBeVisible();
  }
  await expect(page.getByText(/left/)).toHaveCount(0);
});

test('a digit too many is not taken while typing', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const field = page.getByLabel('Code', { exact: true });
  await field.pressSequentially('1234567');
  await expect(field).toHaveValue('123456');
});

test('a code that could not be sent is sent when it is pasted again', async ({ consoleErrors, context, page, phone, sandbox, user }) => {
  consoleErrors.allow(/ERR_INTERNET_DISCONNECTED|Failed to fetch/);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  const field = page.getByLabel('Code', { exact: true });
  await page.evaluate((text) => navigator.clipboard.writeText(text), code);
  const paste = async () => {
    await field.fill('');
    await field.focus();
    await page.keyboard.press('Control+V');
  };
  await context.setOffline(true);
  await paste();
  await expect(page.locator('[data-notice]:visible')).toBeVisible();
  await context.setOffline(false);
  await paste();
  await expect(page).toHaveURL(/\/account$/);
});

test('a code that autofill enters is sent, and a wrong one is not sent again', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  const field = page.getByLabel('Code', { exact: true });
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(new URLSearchParams(request.postData() ?? '').get('code') ?? '');
  });
  const autofill = (text: string) =>
    field.evaluate((field: HTMLInputElement, text) => {
      field.value = text;
      field.dispatchEvent(new Event('input', { bubbles: true }));
    }, text);
  await autofill(wrongCode(code));
  await expect(page.getByText(/That code didn’t work/)).toBeVisible();
  await autofill(wrongCode(code));
  await expect(field).toHaveValue(wrongCode(code));
  expect(sent).toEqual([wrongCode(code)]);
  await autofill(code);
  await expect(page).toHaveURL(/\/account$/);
});

test('a code that is typed is not sent without the button', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  await page.getByLabel('Code', { exact: true }).pressSequentially(code);
  // It would be sent in the handler of the last key.
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
  await user.press('Sign in');
  await expect(page).toHaveURL(/\/account$/);
});

test('a letter between the digits is left out, and the caret stays', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const field = page.getByLabel('Code', { exact: true });
  await field.focus();
  await page.keyboard.type('1245');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.type('x3');
  await expect(field).toHaveValue('12345');
});

test('digits of an input method are entered once', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const field = page.getByLabel('Code', { exact: true });
  await field.focus();
  const browser = await page.context().newCDPSession(page);
  for (const text of ['１', '１２', '１２３']) {
    await browser.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  }
  await browser.send('Input.insertText', { text: '１２３' });
  await expect(field).toHaveValue('123');
});

test('after the last attempt the page shows what it shows without scripts', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await waitForHydration(page);
  await user.submitCode(wrongCode(code));
  await expect(page.getByText(/You have one try left/)).toBeVisible();
  await user.submitCode(wrongCode(code));
  await expect(page.getByRole('heading', { name: 'Too many tries' })).toBeVisible();
  await expect(page.getByLabel('Code', { exact: true })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Send a new code' })).toHaveCount(0);
});

test('help opens by itself when no code came for a while, and says which address asks for codes', async ({
  page,
  phone,
  product,
  sandbox,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  await page.clock.install();
  await user.requestCode(phone.e164);
  await waitForHydration(page);
  const address = page.getByText(`We ask for codes only on ${new URL(product.url).host}.`);
  await expect(address).toBeHidden();
  await page.clock.fastForward(31_000);
  await expect(address).toBeVisible();
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

  test('goes on after a refused code', async ({ page, phone, sandbox, user }) => {
    await stub(page);
    await sandbox.putUser(phone.e164);
    const code = await user.requestCode(phone.e164);
    await waitForHydration(page);
    await user.submitCode('12');
    await expect(page.getByText(/Enter all the digits/)).toBeVisible();
    expect(await aborted(page)).toEqual([false]);
    await page.evaluate((code) => (window as unknown as { deliver(code: string): void }).deliver(code), code);
    await expect(page).toHaveURL(/\/account$/);
  });

  test('is aborted when the code expires', async ({ page, phone, sandbox, user }) => {
    await stub(page);
    await sandbox.putUser(phone.e164);
    await page.clock.install();
    await user.requestCode(phone.e164);
    await waitForHydration(page);
    await page.clock.runFor(301_000);
    await expect(page.getByRole('heading', { name: 'Your code has expired' })).toBeVisible();
    expect(await aborted(page)).toEqual([true]);
  });

  test('is not requested on a page without a code', async ({ page }) => {
    await stub(page);
    await page.goto('/sign-in');
    await waitForHydration(page);
    expect(await aborted(page)).toEqual([]);
  });
});
