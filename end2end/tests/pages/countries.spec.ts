// More than thirty countries: a list that finds names as they are typed.
import { expect, test } from '../../fixtures/test.ts';
import { expectError } from '../../fixtures/user.ts';

const COUNTRIES =
  'AT,AU,BE,BG,CA,CH,CY,CZ,DE,DK,EE,EG,ES,FI,FR,GB,GR,HR,HU,IE,IS,IT,LT,LU,LV,MT,NL,NO,NZ,PL,PT,RO,SE,SI,SK,US';

test.use({ settings: { LATCHKEY_GUARD__COUNTRIES: COUNTRIES } });

test('a country is found by its name, and the number is read as one of that country', async ({ axe, page, phone, sandbox, user }) => {
  await sandbox.putUser(phone.e164);
  await page.goto('/sign-in');
  const country = page.getByRole('combobox', { name: 'Country or region code' });
  await expect(country, 'from the language of the browser').toHaveValue(/^United States \(/);
  await expect(page.locator('#countries option')).toHaveCount(COUNTRIES.split(',').length);
  await axe(page);

  await country.fill('Atlantis');
  await user.submitIdentifier(phone.national);
  await expectError(page, 'Phone number', /Check the country and the digits/);
  await country.fill('United King');
  await user.submitIdentifier(phone.national);
  await expect(page).toHaveURL(/\/code$/);
  await sandbox.lastCode(phone.e164);
  await page.getByRole('link', { name: 'Use a different number' }).click();
  await expect(country).toHaveValue(/^United Kingdom \(/);
});
