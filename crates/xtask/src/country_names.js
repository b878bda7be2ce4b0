// Writes the names of countries in every language, from the Unicode CLDR that Node.js carries, in
// the order of the language's own collation: `node country_names.js FOLDER`. FOLDER holds a
// catalogue for each language (`de.ftl`); its folder `countries` gets the names.
//
// The first lines of a file say which plural categories CLDR has for the language; a test compares
// them with the catalogue.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

const HEADING =
  '# Names of countries and regions, from the Unicode CLDR, in the order in which readers of this language look for them.';

const folder = process.argv[2];
const listed = readFileSync(join(folder, 'countries', 'en.ftl'), 'utf8');
const codes = [...listed.matchAll(/^country-([A-Z]{2}) = /gm)].map(([, code]) => code);

for (const file of readdirSync(folder).filter((name) => name.endsWith('.ftl'))) {
  const language = file.slice(0, -'.ftl'.length);
  const names = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' });
  const collator = new Intl.Collator(language);
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const lines = codes
    .map((code) => ({ code, name: names.of(code) }))
    .filter(({ name }) => name !== undefined)
    .sort((a, b) => collator.compare(a.name, b.name))
    .map(({ code, name }) => `country-${code} = ${name}\n`);
  const plurals = `# Plural categories: ${[...categories].sort().join(', ')}\n`;
  writeFileSync(join(folder, 'countries', file), `${HEADING}\n${plurals}${lines.join('')}`);
  console.log(`${language}: ${lines.length} names (CLDR ${process.versions.cldr})`);
}
