// W9, W8: every page in every language fits the smallest phone.
import { type Page } from '@playwright/test';

import { overflow } from '../../fixtures/overflow.ts';
import { expect, test } from '../../fixtures/test.ts';

/** The languages that the footer offers. */
function offered(page: Page): Promise<{ tag: string; direction: string }[]> {
  return page.locator('.languages button').evaluateAll((buttons) =>
    buttons.map((button) => ({ tag: button.getAttribute('value')!, direction: button.getAttribute('dir')! })),
  );
}

/** Unfolds everything, and expects that nothing is wider than the page. */
async function expectFit(page: Page, path: string, tag: string, direction: string): Promise<void> {
  await page.goto(`${path}?lang=${tag}`);
  const root = await page.evaluate(() => {
    document.querySelectorAll('details').forEach((details) => (details.open = true));
    document.querySelectorAll('dialog').forEach((dialog) => dialog.showModal());
    return [document.documentElement.lang, document.documentElement.dir];
  });
  expect(root, path).toEqual([tag, direction]);
  expect(await overflow(page), `${path} in ${tag}`).toEqual([]);
}

test('W9: every page in every language fits a phone of 320 px', async ({ consoleErrors, page, phone, sandbox, user }, info) => {
  test.skip(info.project.name !== 'phone', 'one pass is enough, because the width is set here');
  test.setTimeout(240_000);
  consoleErrors.allow(/status of 404/);
  await sandbox.putUser(phone.e164);
  await page.setViewportSize({ width: 320, height: 640 });
  await page.goto('/sign-in');
  const languages = await offered(page);
  expect(languages.length).toBeGreaterThan(20);
  for (const { tag, direction } of languages) {
    for (const path of ['/sign-in', '/sign-up', '/sign-out', '/no/such/page']) await expectFit(page, path, tag, direction);
  }
  await page.goto('/sign-in?lang=en');
  const code = await user.requestCode(phone.e164);
  for (const { tag, direction } of languages) await expectFit(page, '/code', tag, direction);
  await page.goto('/code?lang=en');
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  for (const { tag, direction } of languages) {
    for (const path of ['/account', '/sign-out']) await expectFit(page, path, tag, direction);
  }
});
