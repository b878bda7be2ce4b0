// Renders the main pages on one sheet for the README: `pages.png`.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@playwright/test';

import { screenshotPath, FOLDER, type Shot } from './folder.ts';

const SHEET: readonly Omit<Shot, 'language'>[] = [
  { device: 'desktop', scheme: 'light', state: 'sign-in' },
  { device: 'desktop', scheme: 'dark', state: 'code' },
  { device: 'phone', scheme: 'light', state: 'code' },
  { device: 'phone', scheme: 'light', state: 'account list' },
  { device: 'phone', scheme: 'dark', state: 'sign-in' },
  { device: 'phone', scheme: 'dark', state: 'account list' },
];

const STYLE = `
  body { margin: 0; padding: 28px; background: #dfe2ec; display: grid; gap: 28px; grid-template-columns: repeat(4, 1fr) }
  img { inline-size: 100%; border-radius: 12px; box-shadow: 0 2px 16px #1b233d33; object-fit: cover; object-position: top }
  .desktop { grid-column: span 2; aspect-ratio: 1120 / 860 }
  .phone { aspect-ratio: 390 / 800 }
`;

test('the main pages on one sheet', async ({ page }) => {
  const images = SHEET.map((shot) => {
    const bytes = readFileSync(screenshotPath({ ...shot, language: 'en' })).toString('base64');
    return `<img class="${shot.device}" src="data:image/png;base64,${bytes}">`;
  });
  await page.setViewportSize({ width: 1240, height: 100 });
  await page.setContent(`<!doctype html><style>${STYLE}</style>${images.join('')}`);
  await page.screenshot({ path: join(FOLDER, 'pages.png'), fullPage: true });
});
