// W8: accessibility of every page in every state, light and dark, in both text directions. axe
// finds no violation, and nothing overflows.
import { overflow } from '../../fixtures/overflow.ts';
import { britishPhone } from '../../fixtures/test-data.ts';
import { pageStates } from '../../fixtures/page-states.ts';
import { expect, test } from '../../fixtures/test.ts';

/** Sizes without loss of content: the smallest phone, a desktop at 400 % zoom (WCAG 1.4.10). */
const SMALL = [
  { width: 320, height: 640 },
  { width: 320, height: 256 },
];

for (const [language, locale] of [
  ['English', 'en-US'],
  ['Arabic', 'ar-EG'],
] as const) {
  test.describe(language, () => {
    test.use({ locale });

    test(`W8: in ${language} every state passes axe in light and dark and does not overflow small screens`, async ({
      axe,
      consoleErrors,
      page,
      sandbox,
      openOtherBrowser,
      user,
    }) => {
      test.setTimeout(120_000);
      consoleErrors.allow(/status of 40[34]/);
      const numbers = { lockedOut: britishPhone().e164, signedIn: britishPhone().e164 };
      await sandbox.putUser(numbers.lockedOut);
      await sandbox.putUser(numbers.signedIn);
      const viewport = page.viewportSize()!;
      const others = language === 'English' ? [await openOtherBrowser()] : [];
      const seen: string[] = [];
      for await (const state of pageStates(user, numbers, others)) {
        await test.step(state, async () => {
          await axe(page);
          // The dark scheme changes colours only.
          await page.emulateMedia({ colorScheme: 'dark' });
          await axe(page, 'contrast');
          await page.emulateMedia({ colorScheme: 'light' });
          for (const size of SMALL) {
            await page.setViewportSize(size);
            expect(await overflow(page), `${state} at ${size.width}×${size.height}`).toEqual([]);
          }
          await page.setViewportSize(viewport);
        });
        seen.push(state);
      }
      expect(seen).toHaveLength(14);
    });
  });
}

test('forced colours, reduced motion and print keep all content and edges', async ({ axe, page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  const code = await user.requestCode(phone.e164);
  await axe(page);
  const field = page.getByLabel('Code', { exact: true });
  // Forced colours remove backgrounds and shadows, so that edges must be borders or outlines.
  for (const box of [field, page.getByRole('button', { name: 'Sign in' })]) {
    const edge = await box.evaluate((element) => {
      const { borderTopWidth, borderTopStyle, outlineStyle, outlineWidth } = getComputedStyle(element);
      return (borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0) || (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0);
    });
    expect(edge).toBe(true);
  }
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll('*')].filter((element) => {
      const { animationName, animationDuration, transitionDuration } = getComputedStyle(element);
      const seconds = (text: string) => Math.max(...text.split(',').map((part) => parseFloat(part)));
      return (animationName !== 'none' && seconds(animationDuration) > 0.011) || seconds(transitionDuration) > 0.011;
    }).map((element) => element.outerHTML.slice(0, 80)),
  );
  expect(moving).toEqual([]);
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await page.emulateMedia({ media: 'print', forcedColors: 'none' });
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.getByText('Signed in since')).toBeVisible();
});

test('W8: targets are at least 24 px, and text in fields is at least 16 px', async ({
  page,
  phone,
  sandbox,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  const tooSmall = () =>
    page.evaluate(() => {
      // Links within a sentence are exempt (WCAG 2.5.8, inline).
      const targets = [...document.querySelectorAll('button, select, summary, input:not([type=hidden]), a.button, a.brand')];
      const small = targets.filter((target) => {
        const box = target.getBoundingClientRect();
        const label = target.id ? document.querySelector(`label[for="${target.id}"]`)?.getBoundingClientRect() : undefined;
        const height = target.matches('[type=checkbox]') ? Math.max(box.height, label?.height ?? 0) : box.height;
        return box.width > 0 && (box.width < 16 || height < 24 || (box.width < 24 && !label));
      });
      const type = [...document.querySelectorAll('input:not([type=checkbox], [type=hidden]), select')].filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16);
      return [...small, ...type].map((element) => element.outerHTML.slice(0, 100));
    });
  await page.goto('/sign-in');
  expect(await tooSmall()).toEqual([]);
  await user.submitPhone(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  expect(await tooSmall()).toEqual([]);
  await user.submitCode(await sandbox.lastCode(phone.e164));
  await expect(page).toHaveURL(/\/account$/);
  expect(await tooSmall()).toEqual([]);
});
