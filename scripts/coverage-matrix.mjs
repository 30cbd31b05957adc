// Writes docs/coverage-aarch64.md from the instruction rows. With --check it writes nothing and fails when the page is out of date.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createServer } from 'vite';

const root = resolve(import.meta.dirname, '..');
const page = resolve(root, 'docs/coverage-aarch64.md');
const server = await createServer({
  root,
  configFile: false,
  server: { middlewareMode: true, hmr: false, ws: false },
  appType: 'custom',
  logLevel: 'error',
});
try {
  const { AARCH64_GROUPS } = await server.ssrLoadModule('/workers/arch/aarch64/index.ts');
  const { coverageMatrix } = await server.ssrLoadModule('/workers/rows/coverage.ts');
  const text = coverageMatrix('AArch64 instructions', AARCH64_GROUPS);
  if (!process.argv.includes('--check')) writeFileSync(page, text);
  else if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/coverage-aarch64.md is out of date: node scripts/coverage-matrix.mjs');
    process.exitCode = 1;
  }
} finally {
  await server.close();
}
