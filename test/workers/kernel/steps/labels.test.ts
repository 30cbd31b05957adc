// Every kernel function: its labels are its steps, each used in one place, none missing; and what a step refers to by name exists.
import { expect, test } from 'vitest';
import { MODULES } from '../../../../workers/kernel/build-machine.ts';
import { PROCESS_MODULES } from '../../../../workers/kernel/process-part.ts';
import { collect, layoutText } from '../../../../workers/kernel/steps/text.ts';

const { fns, ops } = collect([...MODULES, ...PROCESS_MODULES]);

test('each label of a kernel function is used by exactly one step of its body', () => {
  const wrong: string[] = [];
  for (const f of fns) {
    const uses = [...f.body.toString().matchAll(/\bL\.(\w+)/g)].map((m) => m[1]!);
    for (const label of f.labels) {
      const count = uses.filter((u) => u === label).length;
      if (count !== 1) wrong.push(`${f.name}.${label} is used ${count} times`);
    }
    for (const use of uses) if (!f.labels.includes(use)) wrong.push(`${f.name}.${use} is not declared`);
  }
  expect(wrong).toEqual([]);
});

test('functions that are called by name exist', () => {
  const names = new Set(fns.map((f) => f.name));
  const missing: string[] = [];
  for (const f of fns)
    for (const m of f.body.toString().matchAll(/k\.call\(L\.\w+, '(\w+)'/g)) if (!names.has(m[1]!)) missing.push(`${f.name} calls ${m[1]}`);
  expect(missing).toEqual([]);
});

test('kernel text is the same however often it is laid out, and fits', () => {
  const a = layoutText(fns, ops);
  const again = collect([...MODULES, ...PROCESS_MODULES]);
  expect(layoutText(again.fns, again.ops).words).toEqual(a.words);
  expect(a.words.length).toBeLessThan(65536);
});
