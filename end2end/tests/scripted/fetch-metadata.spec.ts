// K6: what Chromium really sends with what a person does, and with what a page does by itself. The
// server's table of engines (src/server/http/activity/engine_table.rs) says the same.
import { expect, test as base, type Page } from '@playwright/test';

import { type Application, useApplication } from '../../fixtures/application.ts';
import { launchOptions } from '../../fixtures/chromium.ts';

const test = base.extend<object, { application: Application }>({
  application: [useApplication, { scope: 'worker' }],
});

test.use({ launchOptions });

interface Occasion {
  /** The page on which it happens; none for a typed address. */
  readonly html?: string;
  readonly act?: (page: Page) => Promise<unknown>;
  readonly site: string;
  readonly mode: string;
  readonly dest: string;
  readonly hasUser: boolean;
}

const press = (page: Page) => page.getByText('go').click();

const OCCASIONS: Record<string, Occasion> = {
  link: { html: '<a href="/target">go</a>', act: press, site: 'same-origin', mode: 'navigate', dest: 'document', hasUser: true },
  form: {
    html: '<form method=post action="/target"><button>go</button></form>',
    act: press,
    site: 'same-origin',
    mode: 'navigate',
    dest: 'document',
    hasUser: true,
  },
  'typed address': { site: 'none', mode: 'navigate', dest: 'document', hasUser: true },
  'meta refresh': {
    html: '<meta http-equiv=refresh content="0; url=/target">',
    site: 'same-origin',
    mode: 'navigate',
    dest: 'document',
    hasUser: false,
  },
  'script that navigates': {
    html: '<script>setTimeout(() => location.assign("/target"))</script>',
    site: 'same-origin',
    mode: 'navigate',
    dest: 'document',
    hasUser: false,
  },
  iframe: { html: '<iframe src="/target"></iframe>', site: 'same-origin', mode: 'navigate', dest: 'iframe', hasUser: false },
  poll: { html: '<script>fetch("/target")</script>', site: 'same-origin', mode: 'cors', dest: 'empty', hasUser: false },
  image: { html: '<img src="/target">', site: 'same-origin', mode: 'no-cors', dest: 'image', hasUser: false },
};

for (const [name, { html, act, site, mode, dest, hasUser }] of Object.entries(OCCASIONS)) {
  test(`K6: Chromium says what caused a request: ${name}`, async ({ application, page }) => {
    const origin = `http://127.0.0.1:${application.port}`;
    const target = `/target?${encodeURIComponent(name)}`;
    if (html === undefined) {
      await page.goto(origin + target);
    } else {
      const body = `<!doctype html><title>page</title>${html.replace('/target', target)}`;
      await page.route(`${origin}/page`, (route) => route.fulfill({ contentType: 'text/html', body }));
      await page.goto(`${origin}/page`);
      await act?.(page);
    }
    const find = () => application.received.find(({ url }) => url === target);
    await expect.poll(find).toBeDefined();
    const headers = find()?.headers ?? {};
    expect(headers).toMatchObject({ 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': dest });
    expect(headers['sec-fetch-user']).toBe(hasUser ? '?1' : undefined);
    expect(headers['sec-ch-ua']).toContain('Chromium');
    expect(headers['user-agent']).toContain('Chrome/');
  });
}
