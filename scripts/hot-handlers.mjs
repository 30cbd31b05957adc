// Chooses the handlers that are arms of the interpreter's loop, by how often they occur in the code of static programs, and writes
// workers/arch/aarch64/hot.ts. Usage: node scripts/hot-handlers.mjs ELF...   (arm64, static; speed depends on the choice, nothing else does)
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createServer } from 'vite';

const COUNT = Number(process.env.HOT ?? 290);
const TAIL = `
export const AARCH64_HOT: readonly number[] = TEXT.trim()
  .split('\\n')
  .filter((line) => line !== '')
  .flatMap((line) => line.split(' ').slice(0, 2).map(Number));
`;
const root = resolve(import.meta.dirname, '..');
const server = await createServer({
  root,
  configFile: false,
  server: { middlewareMode: true, hmr: false, ws: false },
  appType: 'custom',
  logLevel: 'error',
});
try {
  const { createHandlers } = await server.ssrLoadModule('/workers/engine/engine.ts');
  const handlers = createHandlers();
  const seen = new Map();
  for (const path of process.argv.slice(2)) {
    const counts = new Map();
    let length = 0;
    const file = readFileSync(path);
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const sections = Number(view.getBigUint64(40, true));
    for (let i = 0; i < view.getUint16(60, true); i++) {
      const at = sections + i * view.getUint16(58, true);
      // Allocated, executable, in the file.
      if ((view.getUint32(at + 8, true) & 6) !== 6 || view.getUint32(at + 4, true) !== 1) continue;
      const [address, offset, size] = [16, 24, 32].map((o) => Number(view.getBigUint64(at + o, true)));
      for (let o = 0; o + 4 <= size; o += 4) {
        const word = view.getUint32(offset + o, true);
        const pc = address + o;
        const d = handlers.decoder.decode(word, BigInt(pc));
        if (d === null || d.row.name === 'UDF') continue;
        const handler = handlers.handler(d.row, d.operands, (pc & 0xfffff000) >>> 0, 0);
        length++;
        const known = counts.get(handler.key);
        if (known === undefined) counts.set(handler.key, { count: 1, word, pc, text: d.row.asm(d.fields, BigInt(pc)) });
        else known.count++;
      }
    }
    // Every program counts alike: a small kernel's instructions are executed as often as a large program's.
    for (const [key, h] of counts) {
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { ...h, count: h.count / length });
      else known.count += h.count / length;
    }
  }
  const all = [...seen.values()].sort((a, b) => b.count - a.count || a.word - b.word);
  const total = all.reduce((n, h) => n + h.count, 0);
  const chosen = all.slice(0, COUNT);
  const share = chosen.reduce((n, h) => n + h.count, 0) / total;
  const hex = (n) => `0x${(n >>> 0).toString(16)}`;
  const lines = chosen.map((h) => `${hex(h.word)} ${hex(h.pc)} ${h.text.replace('\t', ' ')}`);
  const head = readFileSync(resolve(root, 'workers/arch/aarch64/hot.ts'), 'utf8').split('const TEXT')[0];
  writeFileSync(resolve(root, 'workers/arch/aarch64/hot.ts'), `${head}const TEXT = \`\n${lines.join('\n')}\n\`;\n${TAIL}`);
  console.log(`${total} programs, ${all.length} handlers; ${chosen.length} chosen cover ${(share * 100).toFixed(2)} %`);
} finally {
  await server.close();
}
