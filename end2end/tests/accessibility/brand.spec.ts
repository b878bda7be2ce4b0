// W8: pages with the brand of a company pass axe in light and dark, and fit the smallest phone, with
// the widest logo that is taken and a name of one long word.
import { join } from 'node:path';

import { overflow } from '../../fixtures/overflow.ts';
import { expect, test } from '../../fixtures/test.ts';

const NAME = 'Donaudampfschifffahrtselektrizitaeten';

test.use({
  settings: {
    LATCHKEY_BRAND__NAME: NAME,
    LATCHKEY_BRAND__LOGO: join(import.meta.dirname, '../../fixtures/wide-logo.svg'),
    LATCHKEY_BRAND__SHOW_NAME: 'true',
    LATCHKEY_BRAND__ACCENT: '#0a6e3f',
    LATCHKEY_BRAND__RADIUS: '24',
  },
});

test('W8: a page with a logo, a long name and an accent passes axe in light and dark and does not overflow', async ({
  axe,
  page,
  phone,
  sandbox,
  user,
}) => {
  test.setTimeout(120_000);
  await sandbox.putUser(phone.e164);
  const viewport = page.viewportSize()!;
  const examine = async (where: string) =>
    test.step(where, async () => {
      await axe(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await axe(page, 'contrast');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await overflow(page), where).toEqual([]);
      const logo = page.locator('.brand img');
      // Beside the name it is decorative.
      await expect(logo).toHaveAttribute('alt', '');
      await expect(logo).toHaveAttribute('width', '320');
      await expect(logo).toHaveAttribute('height', '32');
      expect(await logo.evaluate((image: HTMLImageElement) => image.naturalWidth), 'it is shown').toBeGreaterThan(0);
      for (const part of [logo, page.locator('.brand')]) {
        const box = (await part.boundingBox())!;
        expect(box.x + box.width, where).toBeLessThanOrEqual(320);
      }
      await expect(page.locator('.brand')).toHaveText(NAME);
      await page.setViewportSize(viewport);
    });
  await page.goto('/sign-in');
  await examine('sign-in');
  const code = await user.requestCode(phone.e164);
  await examine('code');
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await examine('account');
});
