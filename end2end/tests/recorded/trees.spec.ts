// W8: what a screen reader is told in every state is what `screenshots/` records of it.
import { accessibilityTree, DEVICES, LANGUAGES, LOCALES, stateFolder, treeName } from '../../fixtures/recorded.ts';
import { expect, test } from '../../fixtures/recorded-test.ts';

test.skip(Boolean(process.env['LATCHKEY_BASE_URL']), 'a running server has settings of its own');

for (const language of LANGUAGES) {
  test.describe(language, () => {
    test.use({ ...DEVICES.desktop, locale: LOCALES[language], timezoneId: 'UTC' });

    test(`W8: in ${language} every state has the accessibility tree that is recorded`, async ({ page, visitStates }) => {
      test.setTimeout(120_000);
      await visitStates(async (state) => {
        expect.soft(await accessibilityTree(page)).toMatchSnapshot([stateFolder(state), treeName(language)]);
      });
    });
  });
}
