// What Lighthouse says of the pages, as it comes: a phone on a slow network with a slow processor.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { launchOptions } from '../fixtures/chromium.ts';
import { expect, test } from '../fixtures/http.ts';

const RUNS = 5;
const LEAST_PERFORMANCE = 98;

/** What is used of a report of Lighthouse. */
interface Report {
  readonly runtimeError?: { readonly message: string };
  readonly categories: Readonly<Record<string, { readonly score: number | null; readonly auditRefs: readonly { readonly id: string }[] }>>;
  readonly audits: Readonly<Record<string, { readonly score: number | null; readonly title: string; readonly displayValue?: string }>>;
}

const percent = (report: Report, category: string) => Math.round((report.categories[category]?.score ?? 0) * 100);

/** The audits of a category that are not passed. */
function faults(report: Report, category: string): string[] {
  const audits = (report.categories[category]?.auditRefs ?? []).map(({ id }) => report.audits[id]);
  return audits.flatMap((audit) => (audit && audit.score !== null && audit.score < 1 ? [audit.title] : []));
}

async function measure(url: string, cookie: string): Promise<Report> {
  const program = process.env['LATCHKEY_LIGHTHOUSE'];
  if (!program) throw new Error('LATCHKEY_LIGHTHOUSE names no program: run `cargo xtask lighthouse`.');
  const arguments_ = [
    program,
    url,
    '--quiet',
    '--output=json',
    '--only-categories=performance,accessibility,best-practices',
    `--chrome-flags=--headless=new ${launchOptions.args.join(' ')}`,
    ...(cookie ? [`--extra-headers=${JSON.stringify({ Cookie: cookie })}`] : []),
  ];
  const env = { ...process.env, ...('executablePath' in launchOptions ? { CHROME_PATH: launchOptions.executablePath } : {}) };
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, { env, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as Report;
}

for (const page of ['/sign-in', '/sign-up', '/code', '/account']) {
  test(`${page} has the scores that were promised`, async ({ phone, post, product, request, sandbox }) => {
    await sandbox.putUser(phone.e164);
    if (page === '/code' || page === '/account') await post('/api/send-code', { phone: phone.e164 });
    if (page === '/account') await post('/api/verify-code', { code: await sandbox.lastCode(phone.e164) });
    const cookie = (await request.storageState()).cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    const reports: Report[] = [];
    for (let run = 0; run < RUNS; run += 1) reports.push(await measure(product.url + page, cookie));
    for (const report of reports) {
      expect(report.runtimeError).toBeUndefined();
      for (const category of ['accessibility', 'best-practices']) {
        expect(percent(report, category), `${category}: ${faults(report, category).join('; ')}`).toBe(100);
      }
    }
    const performance = reports.map((report) => percent(report, 'performance')).sort((one, other) => one - other);
    const paint = reports.map((report) => report.audits['first-contentful-paint']?.displayValue).join(', ');
    console.log(`${page}: performance ${performance.join(', ')}; first paint ${paint}`);
    expect(performance[Math.floor(RUNS / 2)]).toBeGreaterThanOrEqual(LEAST_PERFORMANCE);
  });
}
