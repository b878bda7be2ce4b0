// What a page says of its state: in the title, in notices, and when the flow is gone.
import { wrongCode } from '../../fixtures/test-data.ts';
import { expect, test } from '../../fixtures/test.ts';

test('W3: the title tells an error first, and the state of the page', async ({ mode, page, person, user }) => {
  await page.goto('/sign-in');
  await expect(page).toHaveTitle(/^Sign in · /);
  await user.submitIdentifier(mode.invalid);
  await expect(page).toHaveTitle(/^Error: Sign in · /);
  const code = await user.requestCode(person);
  await expect(page).toHaveTitle(/^Enter the code · /);
  await user.submitCode(wrongCode(code));
  await expect(page).toHaveTitle(/^Error: Enter the code · /);
  await user.submitCode(wrongCode(code));
  await expect(page).toHaveTitle(/^Too many tries · /);
});

test('a code without its flow leads to a page that says why, and blames no field', async ({ page, person, user }) => {
  const code = await user.requestCode(person);
  await page.context().clearCookies({ name: 'latchkey-flow' });
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText('Too much time has passed. Please start over.')).toBeVisible();
  await expect(page.locator('[aria-invalid]')).toHaveCount(0);
  await expect(page).toHaveTitle(/^Error: Sign in · /);
  await user.submitIdentifier(person.identifier);
  await expect(page).toHaveURL(/\/code$/);
});

test('an action without its session leads to a page that says why', async ({ page, person, user }) => {
  await user.signIn(person);
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
  // Another form of the page than that to sign out, which needs no session.
  await page.evaluate(() => {
    const form = document.querySelector<HTMLFormElement>('form[action="/api/sign-out"]')!;
    form.action = '/api/revoke-session';
    const id = document.createElement('input');
    Object.assign(id, { type: 'hidden', name: 'id', value: 'others' });
    form.append(id);
  });
  await page.context().clearCookies({ name: 'latchkey' });
  await user.press('Sign out');
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByText('You’re signed out. Sign in to continue.')).toBeVisible();
});

test('a warning has the look of a warning, and no hover stays on a screen without a pointer', async ({ page }) => {
  // A browser without cookies, by the form that it has just posted.
  await page.goto('/sign-in?cookies=blocked');
  const warning = page.locator('.notice.warning').filter({ hasText: 'Please allow cookies' });
  const [edge, colour, danger] = await warning.evaluate((notice) => {
    const { borderInlineStartWidth, borderInlineStartColor } = getComputedStyle(notice);
    return [borderInlineStartWidth, borderInlineStartColor, getComputedStyle(document.querySelector('.error')!).color];
  });
  expect(parseFloat(edge)).toBeGreaterThanOrEqual(3);
  expect(colour, 'not the colour of an error').not.toBe(danger);
  const rules = await page.evaluate(() =>
    [...document.styleSheets].flatMap((sheet) =>
      [...sheet.cssRules].filter((rule) => rule instanceof CSSStyleRule && rule.selectorText.includes(':hover')).map((rule) => rule.cssText),
    ),
  );
  expect(rules, 'only inside of @media (hover: hover)').toEqual([]);
});
