// The files of `screenshots/`: one for each state, small, and all on the contact sheet.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from '@playwright/test';

import { CONTACT_SHEET, contactSheet } from '../../fixtures/contact-sheet.ts';
import { DEVICE_NAMES, FOLDER, LANGUAGES, pictureName, SCHEMES, stateFolder, treeName } from '../../fixtures/recorded.ts';
import { ALL_STATES } from '../../fixtures/visits.ts';

/** In bytes: people clone them. */
const LARGEST = 40_000;
const ALL = 6_000_000;

const ADVICE = 'run `npm run pictures:take` in end2end, and look at what changed';

function filesOfLanguage(language: (typeof LANGUAGES)[number]): string[] {
  const pictures = DEVICE_NAMES.flatMap((device) => SCHEMES.map((scheme) => pictureName(language, device, scheme)));
  return [treeName(language), ...pictures];
}

function recordedFiles(): string[] {
  return readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(FOLDER, name)).isFile());
}

test('every state has its pictures and trees, and each of these its state', () => {
  const expected = ALL_STATES.flatMap((state) => LANGUAGES.flatMap(filesOfLanguage).map((name) => join(stateFolder(state), name)));
  expect(recordedFiles().sort(), ADVICE).toEqual(expected.sort());
});

test('pictures are small', () => {
  const sizes = recordedFiles().map((name) => ({ name, bytes: statSync(join(FOLDER, name)).size }));
  expect(sizes.filter(({ bytes }) => bytes > LARGEST)).toEqual([]);
  expect(sizes.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(ALL);
});

test('the contact sheet shows every picture', () => {
  expect(readFileSync(CONTACT_SHEET, 'utf8'), ADVICE).toBe(contactSheet());
});
