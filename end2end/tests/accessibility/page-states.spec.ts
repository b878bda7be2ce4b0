// W8: accessibility of every page in every state, light and dark, in both text directions. axe
// finds no violation, and nothing overflows.
import { overflow } from '../../fixtures/overflow.ts';
import { britishPhone } from '../../fixtures/test-data.ts';
import { pageStates, STATES, type State } from '../../fixtures/page-states.ts';
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
      const others = [await openOtherBrowser({ locale: 'en-US' })] as const;
      const seen: State[] = [];
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
      expect(seen).toEqual(STATES);
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
  // What shows the time is drawn in colours of the system.
  const progress = page.locator('.time progress');
  expect((await progress.boundingBox())!.height).toBeGreaterThanOrEqual(6);
  expect(await progress.evaluate((bar) => parseFloat(getComputedStyle(bar).borderTopWidth))).toBeGreaterThan(0);
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

test('W8: at 320 px with text of 200 % nothing is cut off, and the fields keep their width', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const enlarge = async () => {
    await page.setViewportSize({ width: 320, height: 640 });
    await page.evaluate(() => (document.documentElement.style.fontSize = '200%'));
    expect(await overflow(page)).toEqual([]);
  };
  await page.goto('/sign-in');
  await enlarge();
  const widths = await page.locator('#phone').evaluate((field) => {
    const { paddingInlineStart, paddingInlineEnd } = getComputedStyle(field);
    return { text: field.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd), form: field.closest('form')!.clientWidth };
  });
  expect(widths.text, 'the number has a line of its own').toBeGreaterThanOrEqual(widths.form * 0.85);
  await page.reload();
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  await enlarge();
  const overlap = await page.locator('#code').evaluate((field: HTMLInputElement) => {
    field.value = '123456';
    const { fontSize, letterSpacing } = getComputedStyle(field);
    const isCut = field.scrollWidth > field.clientWidth;
    // A digit is about 0.6 of the font's size wide.
    return { isCut, advance: parseFloat(letterSpacing) + 0.6 * parseFloat(fontSize), width: 0.6 * parseFloat(fontSize) };
  });
  expect(overlap.isCut, 'a code is seen whole').toBe(false);
  expect(overlap.advance, 'its digits do not overlap').toBeGreaterThanOrEqual(overlap.width * 0.95);
});

test('the country and the number are two fields in forced colours', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('/sign-in');
  const select = page.getByLabel('Country or region code');
  const [edge, appearance] = await select.evaluate((field) => {
    const style = getComputedStyle(field);
    return [style.borderBottomWidth, style.appearance];
  });
  expect(parseFloat(edge)).toBeGreaterThan(0);
  expect(appearance, 'with the arrow of the system').toBe('auto');
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
  await user.submitIdentifier(phone.e164);
  await expect(page).toHaveURL(/\/code$/);
  expect(await tooSmall()).toEqual([]);
  await user.submitCode(await sandbox.lastCode(phone.e164));
  await expect(page).toHaveURL(/\/account$/);
  expect(await tooSmall()).toEqual([]);
});
