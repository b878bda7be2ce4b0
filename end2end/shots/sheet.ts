// Screenshots side by side in one picture, on the ground that all pictures of the README have.
import { type Browser } from '@playwright/test';

interface Sheet {
  readonly images: readonly Buffer[];
  /** The columns as in CSS. */
  readonly columns: string;
  readonly path: string;
}

/** In a page of its own: those of the application allow no style but their own. */
export async function renderSheet(browser: Browser, { images, columns, path }: Sheet): Promise<void> {
  const style = `
    body { margin: 0; padding: 28px; background: #dfe2ec; display: grid; gap: 28px; grid-template-columns: ${columns} }
    img { inline-size: 100%; border-radius: 12px; box-shadow: 0 2px 16px #1b233d33 }
  `;
  const tags = images.map((bytes) => `<img src="data:image/png;base64,${bytes.toString('base64')}">`);
  const sheet = await browser.newPage({ viewport: { width: 1240, height: 100 } });
  await sheet.setContent(`<!doctype html><style>${style}</style>${tags.join('')}`);
  await sheet.screenshot({ path, fullPage: true });
  await sheet.close();
}
