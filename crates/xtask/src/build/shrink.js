// node -e SHRINK -- FOLDER NAME [ARGUMENT OF WASM-OPT]...
//
// Makes NAME.wasm and its glue NAME.js smaller than wasm-opt alone can:
// - Classes that a library exports and no page uses go, and with them all that only they call.
// - A panic traps at once. Nothing can print its message in a browser, so the text is not formatted.
// - The names by which the module calls the glue are short. They carry a hash of 16 digits.
const { execFileSync } = require('node:child_process');
const { readFileSync, writeFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const { pathToFileURL } = require('node:url');

const [folder, name, ...options] = process.argv.slice(1);
const modulePath = join(folder, `${name}.wasm`);
const gluePath = join(folder, `${name}.js`);

const PANICS = [
  /^core::panicking::/,
  /^core::(option|result)::(unwrap|expect)_failed$/,
  /^core::str::slice_error_fail/,
  /^core::slice::(index|copy_from).*fail/,
  /^core::cell::panic/,
  /^alloc::raw_vec::handle_error$/,
  /^alloc::alloc::handle_alloc_error/,
  /^std::panicking::/,
  /rust_(begin_unwind|panic)/,
];
// Texts for programmers, which only panics contain.
const DEBUG = [/ as core::fmt::Debug>::fmt/, /escape_debug/, /PadAdapter/, /^core::fmt::builders/];

/** A function's name as Rust writes it, without hashes. */
function readable(name) {
  const escaped = name.replace(/\\(..)/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
  return escaped.replace(/\[[0-9a-f]{16}\]/g, '');
}

async function main() {
  const { default: binaryen } = await import(pathToFileURL(resolve('end2end/node_modules/binaryen/index.js')));
  let glue = readFileSync(gluePath, 'utf8');
  glue = glue.replace(/^export class \w+ \{\n[\s\S]*?^\}\n(?:if \(Symbol\.dispose\).*\n)?/gm, '');
  glue = glue.replace(/^const \w+Finalization = [\s\S]*?;\n/gm, '');

  const module = binaryen.readBinary(readFileSync(modulePath));
  const functions = Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  for (const { name, module: origin, params, results } of functions) {
    const isNeedless = [...PANICS, ...DEBUG].some((pattern) => pattern.test(readable(name)));
    if (!origin && isNeedless) {
      module.removeFunction(name);
      module.addFunction(name, params, results, [], module.unreachable());
    }
  }
  const used = new Set([...glue.matchAll(/\bwasm\.(\w+)/g)].map(([, name]) => name));
  for (let index = module.getNumExports() - 1; index >= 0; index -= 1) {
    const { name } = binaryen.getExportInfo(module.getExportByIndex(index));
    if (!used.has(name)) module.removeExport(name);
  }
  writeFileSync(modulePath, module.emitBinary());

  const optimise = (options) => execFileSync('wasm-opt', [modulePath, ...options, '-o', modulePath], { encoding: 'utf8' });
  // The section that says which features the module uses is needed until the end.
  const isLast = (option) => option.startsWith('--strip-');
  optimise(options.filter((option) => !isLast(option)));
  // Prints the old and the new names.
  const { imports, exports } = JSON.parse(optimise(['--minify-imports-and-exports-and-modules']));
  const importNames = new Map(imports.map(([, name, short]) => [name, short]));
  const exportNames = new Map(exports);
  // Tests look for a secret in the memory, by its name.
  const minified = binaryen.readBinary(readFileSync(modulePath));
  const memory = exportNames.get('memory');
  const { value } = binaryen.getExportInfo(minified.getExport(memory));
  minified.removeExport(memory);
  minified.addMemoryExport(value, 'memory');
  exportNames.set('memory', 'memory');
  writeFileSync(modulePath, minified.emitBinary());
  optimise(options.filter(isLast));
  // A definition ends where the next one begins, or the object. What is no longer imported goes.
  glue = glue.replace(/^ {8}(__wb\w+): [\s\S]*?(?=^ {8}__wb\w+: |^ {4}\};)/gm, (definition, name) => {
    const short = importNames.get(name);
    return short === undefined ? '' : definition.replace(name, short);
  });
  glue = glue.replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${exportNames.get(name)}`);
  // The name that wasm-opt gives to the one module that everything is imported from.
  glue = glue.replaceAll('"./latchkey_bg.js":', '"a":');
  writeFileSync(gluePath, glue);

  // The module loads only if no name is missing.
  const compiled = new WebAssembly.Module(readFileSync(modulePath));
  const isDefined = ({ module, name }) => module === 'a' && glue.includes(`\n        ${name}: `);
  const missing = WebAssembly.Module.imports(compiled).filter((one) => !isDefined(one));
  if (missing.length > 0 || !glue.includes('"a":') || glue.includes('wasm.undefined')) {
    throw new Error(`the glue does not fit the module: ${missing.map(({ name }) => name).join(', ')}`);
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
