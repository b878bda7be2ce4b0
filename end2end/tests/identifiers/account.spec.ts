// People who sign in with another identifier than their number. The code goes to the phone that
// upstream has.
import { expect, test } from '../../fixtures/test.ts';

test('W2 K8: the identifier and a code lead to the account, which shows the mask alone', async ({
  axe,
  mode,
  page,
  person,
  user,
}) => {
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(mode.heading);
  const field = page.getByLabel(mode.label);
  for (const [name, value] of [
    ['type', mode.type],
    ['inputmode', mode.inputMode],
    ['autocomplete', mode.autocomplete],
    ['autocapitalize', 'none'],
  ] as const) {
    await expect(field).toHaveAttribute(name, value);
  }
  await expect(page.getByRole('combobox')).toHaveCount(0);
  await expect(page.locator('a[href^="/sign-up"]')).toHaveCount(0);
  await axe(page);

  const code = await user.requestCode(person);
  await expect(page.getByText('Look for a text message')).toContainText(person.mask);
  expect(await page.content()).not.toContain(person.identifier);
  expect(await page.content()).not.toContain(person.phone.slice(-7));
  await axe(page);
  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole('main')).toContainText('Signed in as');
  await expect(page.getByRole('main')).toContainText(person.mask);
  expect(await page.content()).not.toContain(person.identifier);
  await axe(page);
});
