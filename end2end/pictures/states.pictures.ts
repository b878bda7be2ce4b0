// Every state on phone and desktop, light and dark, in four languages, beside its accessibility tree.
import { expect, test } from '../fixtures/recorded-test.ts';
import {
  accessibilityTree,
  DEVICE_NAMES,
  DEVICES,
  LANGUAGES,
  LOCALES,
  pictureName,
  SCHEMES,
  stateFolder,
  treeName,
} from '../fixtures/recorded.ts';
import { compress } from './compress.ts';
import { fixFonts } from './fonts.ts';

/** Edges of letters differ by the version of the browser. */
const TOLERANCE = { threshold: 0.2, maxDiffPixelRatio: 0.01 };

for (const language of LANGUAGES) {
  for (const device of DEVICE_NAMES) {
    test.describe(`${language}, ${device}`, () => {
      test.use({ ...DEVICES[device], locale: LOCALES[language], timezoneId: 'UTC', bypassCSP: true });

      test(`${language}, ${device}: every state looks as in its pictures`, async ({ context, page, visitStates }) => {
        await fixFonts(context);
        await visitStates(async (state) => {
          for (const scheme of SCHEMES) {
            await page.emulateMedia({ colorScheme: scheme });
            // A dialog covers what is seen, not the whole page.
            const fullPage = (await page.locator('dialog[open]').count()) === 0;
            const png = await page.screenshot({ fullPage, animations: 'disabled', caret: 'hide' });
            const name = [stateFolder(state), pictureName(language, device, scheme)];
            expect.soft(await compress(png)).toMatchSnapshot(name, TOLERANCE);
          }
          await page.emulateMedia({ colorScheme: 'light' });
          // The other device differs in its name alone.
          if (device === 'desktop') expect.soft(await accessibilityTree(page)).toMatchSnapshot([stateFolder(state), treeName(language)]);
        });
      });
    });
  }
}
