// Writes the page that shows all pictures, when they are taken.
import { rmSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { test } from '@playwright/test';

import { CONTACT_SHEET, contactSheet } from '../fixtures/contact-sheet.ts';
import { FOLDER, stateFolder } from '../fixtures/recorded.ts';
import { ALL_STATES } from '../fixtures/visits.ts';

test('the contact sheet', ({}, info) => {
  test.skip(!['all', 'changed'].includes(info.config.updateSnapshots), 'no pictures are taken');
  writeFileSync(CONTACT_SHEET, contactSheet());
  const folders = new Set(ALL_STATES.map(stateFolder));
  for (const name of readdirSync(FOLDER)) {
    if (!folders.has(name)) rmSync(join(FOLDER, name), { recursive: true });
  }
});
