// The folder and the file names of screenshots.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

export const FOLDER = resolve(process.env['LATCHKEY_SCREENSHOTS'] ?? join(import.meta.dirname, '../../target/screenshots'));
mkdirSync(FOLDER, { recursive: true });

export interface Shot {
  readonly device: 'phone' | 'desktop';
  readonly scheme: 'light' | 'dark';
  readonly language: string;
  readonly state: string;
}

export function screenshotPath({ device, scheme, language, state }: Shot): string {
  return join(FOLDER, `${[device, scheme, language, state].join('-').replaceAll(' ', '-')}.png`);
}
