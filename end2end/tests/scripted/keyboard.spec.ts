// W8: all functions work with the keyboard, and the focus is visible.
import { expect, test } from '../../fixtures/test.ts';

test('W8: sign-in and sign-out work with the keyboard alone, with a visible focus', async ({ page, phone, sandbox }) => {
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in');
  const focusState = () =>
    page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body) return 'nothing has the focus';
      const box = focused.getBoundingClientRect();
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(focused);
      const around = focused.parentElement ? getComputedStyle(focused.parentElement) : undefined;
      const marked = [outlineStyle !== 'none' && outlineWidth !== '0px', boxShadow !== 'none', around?.boxShadow !== 'none', around?.outlineStyle !== 'none'];
      if (!marked.some(Boolean)) return `${focused.outerHTML.slice(0, 80)} shows no focus`;
      return box.width > 0 && box.bottom > 0 && box.top < innerHeight ? 'visible' : `${focused.outerHTML.slice(0, 80)} is not in view`;
    });
  const tabTo = async (selector: string) => {
    for (let step = 0; step < 20; step += 1) {
      await page.keyboard.press('Tab');
      expect(await focusState()).toBe('visible');
      if (await page.evaluate((selector) => document.activeElement?.matches(selector), selector)) return;
    }
    throw new Error(`the keyboard does not reach ${selector}`);
  };

  // The first element in the tab order is the skip link.
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to main content' })).toBeFocused();
  expect(await focusState()).toBe('visible');
  await page.keyboard.press('Enter');
  await tabTo('#phone');
  await page.keyboard.type(phone.e164);
  await tabTo('#stay');
  await tabTo('button');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/code$/);

  await expect(page.getByLabel('Code', { exact: true })).toBeFocused();
  const code = await sandbox.lastCode(phone.e164);
  await tabTo('.help summary');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/A code works for/)).toBeVisible();
  await page.getByLabel('Code', { exact: true }).focus();
  await page.keyboard.type(code);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/account$/);

  await tabTo('form[action="/api/sign-out"] button');
  await page.keyboard.press('Space');
  await expect(page).toHaveURL(/\/sign-in$/);
});
