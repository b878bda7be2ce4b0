// The sign-in from the number to the account, and invalid numbers. W10: also without JavaScript.
import { expect, test } from '../../fixtures/test.ts';
import { expectError } from '../../fixtures/user.ts';

test('W2: the sign-in page has one labelled field and one button', async ({ axe, page }) => {
  await page.goto('/');
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page).toHaveTitle('Sign in · Latchkey');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Enter your phone number');
  const form = page.locator('form[action="/api/send-code"]');
  // The label stays visible, and browsers can fill the field.
  await expect(form.getByLabel('Phone number')).toHaveAttribute('autocomplete', 'tel');
  await expect(form.getByRole('button')).toHaveCount(1);
  await axe(page);
});

test('K8: a number and a code lead to the account, which has a sign-out button', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  const code = await user.requestCode(phone.e164);
  await expect(page.getByRole('main')).toContainText(phone.e164.slice(-2));
  expect(await page.content(), 'the number is masked').not.toContain(phone.e164.slice(-7));
  expect(page.url(), 'the URL has no query').not.toContain('?');

  await user.submitCode(code);
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('You’re signed in');
  await expect(page.getByText('First sign-in with this browser')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Sign out', exact: true })).toBeVisible();

  for (const path of ['/', '/sign-in', '/sign-up', '/code']) {
    await page.goto(path);
    await expect(page, path).toHaveURL(/\/account$/);
  }
});

test('a national number is combined with the selected country', async ({ page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in');
  await page.getByLabel('Country or region code').selectOption(phone.country);
  await user.submitIdentifier(phone.national);
  await expect(page).toHaveURL(/\/code$/);
  expect(await sandbox.lastCode(phone.e164)).toMatch(/^\d{6}$/);
});

test('W3 W7: an invalid number shows an error at the field and can be corrected', async ({
  axe,
  page,
  phone,
  sandbox,
  user,
}) => {
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in');
  await page.getByLabel('Country or region code').selectOption('GB');
  await user.submitIdentifier('07300 12');
  await expectError(page, 'Phone number', /doesn’t look like a complete phone number/);
  await expect(page).toHaveURL(/\/sign-in$/);
  await expect(page.getByLabel('Phone number')).toHaveValue('07300 12');
  await expect(page.getByLabel('Country or region code')).toHaveValue('GB');
  await axe(page);

  await user.submitIdentifier(phone.national);
  await expect(page).toHaveURL(/\/code$/);
});

test('the country follows a calling code that is typed, also when the number is refused', async ({ page, phone, user }) => {
  await page.goto('/sign-in');
  const country = page.getByLabel('Country or region code');
  for (const [number, code, example] of [
    ['+44 7300 12', 'GB', '07400 123456'],
    ['0049 151', 'DE', '01512'],
    ['+1 202', 'US', '(201) 555-0123'],
  ] as const) {
    await user.submitIdentifier(number);
    await expectError(page, 'Phone number', /doesn’t look like a complete phone number/);
    await expect(page.getByLabel('Phone number')).toHaveValue(number);
    await expect(country).toHaveValue(code);
    await expect(page.locator('#phone-hint')).toContainText(example);
  }
  // A national number leaves what was chosen.
  await country.selectOption('FR');
  await user.submitIdentifier(phone.national.slice(0, 7));
  await expectError(page, 'Phone number', /doesn’t look like a complete phone number/);
  await expect(country).toHaveValue('FR');
});

for (const [what, number, sentence] of [
  ['nothing', '', /doesn’t look like a complete phone number|Something’s missing/],
  ['letters', 'my number', /doesn’t look like a complete phone number/],
  ['a country that is not served', '+41 78 123 45 67', /can’t text this kind of number/],
] as const) {
  test(`${what} is refused as a number, and nothing is sent`, async ({ page, sandbox, user }) => {
    await page.goto('/sign-in');
    const calls = await sandbox.callsDuring(async () => {
      await user.submitIdentifier(number);
      await expectError(page, 'Phone number', sentence);
    });
    expect(calls.otp_send).toBeUndefined();
  });
}
