// W9: every page uses the language that the browser requests, and its text direction.
import { type Page } from '@playwright/test';

import { wrongCode } from '../../fixtures/test-data.ts';
import { expect, test } from '../../fixtures/test.ts';
import { type Sandbox } from '../../fixtures/sandbox.ts';

async function signInAndCheckPages(page: Page, phone: string, sandbox: Sandbox, expectPage: (heading: string) => Promise<void>): Promise<void> {
  const heading = async () => (await page.getByRole('heading', { level: 1 }).first().textContent()) ?? '';
  await page.goto('/sign-in');
  await expectPage(await heading());
  await page.locator('#phone').fill(phone);
  await page.locator('form[action="/api/send-code"] button').click();
  await expect(page).toHaveURL(/\/code$/);
  await expectPage(await heading());
  const code = await sandbox.lastCode(phone);
  await page.locator('#code').fill(wrongCode(code));
  await page.locator('form[action="/api/verify-code"] button').click();
  await expect(page.locator('#code-error')).toBeVisible();
  await expectPage(await heading());
  await page.locator('#code').fill(code);
  await page.locator('form[action="/api/verify-code"] button').click();
  await expect(page).toHaveURL(/\/account$/);
  await expectPage(await heading());
}

test.describe('German', () => {
  test.use({ locale: 'de-DE' });

  test('W9: all pages and the message are in German', async ({ page, phone, sandbox }) => {
    await sandbox.putUser(phone.e164);
    const headings: string[] = [];
    await signInAndCheckPages(page, phone.e164, sandbox, async (heading) => {
      headings.push(heading);
      await expect(page.locator('html')).toHaveAttribute('lang', 'de');
      await expect(page.locator('html')).toHaveAttribute('dir', 'ltr');
    });
    expect(headings[0]).toMatch(/Telefonnummer|Handynummer/);
    expect(headings.join(' ')).not.toMatch(/Enter|signed/);
    expect((await sandbox.inbox(phone.e164)).at(-1)?.text).toMatch(/Code/);
    expect((await sandbox.inbox(phone.e164)).at(-1)?.text).not.toMatch(/Never share/);
  });
});

test.describe('Arabic', () => {
  test.use({ locale: 'ar-EG' });

  test('W9: all pages are in Arabic from right to left, and numbers stay left to right', async ({ page, phone, sandbox }) => {
    await sandbox.putUser(phone.e164);
    await signInAndCheckPages(page, phone.e164, sandbox, async (heading) => {
      expect(heading).toMatch(/[\u0600-\u06ff]/);
      await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
      await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
      for (const number of await page.locator('#phone, #code, bdi').all()) {
        expect(await number.evaluate((element) => getComputedStyle(element).direction)).toBe('ltr');
      }
      const start = await page.getByRole('heading', { level: 1 }).first().evaluate((h1) => getComputedStyle(h1).textAlign);
      expect(['start', 'right', '-webkit-auto']).toContain(start);
    });
  });
});

test('W9: a language that is chosen in the footer keeps the page and where it leads, and stays', async ({ page }) => {
  await page.goto('/sign-in?return_to=%2Faccount%3Ffrom%3Dmail');
  await page.locator('.languages summary').click();
  await page.getByRole('button', { name: '日本語' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
  await expect(page).toHaveURL(/\/sign-in\?/);
  await expect(page.locator('main input[name=return_to]')).toHaveValue('/account?from=mail');
  await page.goto('/sign-up');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ja');
});
