// Fonts from npm for the pictures, because machines have different ones.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type BrowserContext } from '@playwright/test';

const PACKAGES = join(import.meta.dirname, '../node_modules/@fontsource-variable');
const FONTS = {
  'noto-sans': 'Noto Sans Variable',
  'noto-sans-arabic': 'Noto Sans Arabic Variable',
  'noto-sans-jp': 'Noto Sans JP Variable',
};
const MONOSPACE = { 'noto-sans-mono': 'Noto Sans Mono Variable' };
/** Where the pages fetch them from; nothing answers there but the route below. */
const PREFIX = '/fonts-of-pictures/';

/** Shows all pages of a context in these fonts. Its pages must not apply their CSP. */
export async function fixFonts(context: BrowserContext): Promise<void> {
  const faces = Object.keys({ ...FONTS, ...MONOSPACE }).map((name) =>
    readFileSync(join(PACKAGES, name, 'index.css'), 'utf8').replaceAll('./files/', `${PREFIX}${name}/files/`),
  );
  const families = Object.values(FONTS).map((family) => `"${family}"`);
  const css = `${faces.join('')}
    :root { --font: ${families.join(', ')} !important }
    code { font-family: "${Object.values(MONOSPACE).join()}" !important }`;
  await context.route(`**${PREFIX}**`, (route) => {
    const path = new URL(route.request().url()).pathname.slice(PREFIX.length);
    return route.fulfill({ path: join(PACKAGES, path), contentType: 'font/woff2' });
  });
  await context.addInitScript((css) => {
    document.addEventListener('readystatechange', () => {
      if (document.readyState !== 'interactive') return;
      const style = document.createElement('style');
      style.textContent = css;
      document.head.append(style);
    });
  }, css);
}
