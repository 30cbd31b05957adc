import { createRoot } from 'solid-js';
import { expect, test, vi } from 'vitest';
import { memoryLibrary } from '../../../renderer/client/memory-library.ts';
import { codeRows, nowText, ranAt } from '../../../renderer/panels/code/model.ts';
import { SymbolTable } from '../../../renderer/base/symbols.ts';
import { createTrapline } from '../../../renderer/state/trapline.ts';
import type { TrailAnswer, WorkbenchApi } from '../../../workers/api/workbench-api.ts';
import { err, ok } from '../../../workers/base/result.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

const api = fakeWorkbench();
const symbols = new SymbolTable(await api.symbols('', 100));
const answer = async (limit: number): Promise<TrailAnswer> => {
  const found = await api.trail(1, 0x4006e8n, limit);
  if (!found.ok || found.value === null) throw new Error('no trail');
  return found.value;
};

test('each line says how often it ran in this call, the line of now how often before', async () => {
  const rows = codeRows(await api.disassemble(1, 0x4006e8n, 8, 8), 0x4006e8n, null, symbols, await answer(1000));
  expect(rows.map((row) => [row.ran, row.times])).toEqual([
    ['no', ''],
    ['yes', '×1'],
    ['yes', '×1'],
    ['yes', '×1'],
    ['yes', '×1'],
    ['yes', '×9'],
    ['yes', '×8'],
    ['yes', '×8'],
    ['no', ''],
    ['outside', ''],
  ]);
  expect(nowText(rows.find((row) => row.next)!)).toBe('9 done, next');
});

test('when the call began further back, a count is a least and what was not seen is unknown, never zero', async () => {
  const trail = await answer(10);
  const counts = new Map(trail.counts.map((row) => [row.address, row.times]));
  expect(ranAt(0x4006e8n, trail, counts)).toEqual({ ran: 'yes', times: '≥9' });
  expect(ranAt(0x4006d4n, trail, counts)).toEqual({ ran: 'unknown', times: '·' });
  expect(ranAt(0x400700n, trail, counts)).toEqual({ ran: 'outside', times: '' });
  expect(ranAt(0x4006e8n, null, new Map())).toEqual({ ran: 'outside', times: '' });
  expect(ranAt(0x4006e8n, trail, new Map([[0x4006e8n, 12_345]])).times).toBe('≥12k');
});

test('the trail follows the place, is never that of another place, and is asked again when it had to give way', async () => {
  const fake = fakeWorkbench();
  let refusals = 2;
  const asked: bigint[] = [];
  const workbench: WorkbenchApi = {
    ...fake,
    trail: (cpu, around, limit) => {
      asked.push(around);
      refusals -= 1;
      return refusals >= 0 ? Promise.resolve(err('cancelled')) : fake.trail(cpu, around, limit);
    },
  };
  const host = {
    bundled: async () => ({ programs: [], recordings: [{ name: 'a', file: 'a.trapline', about: '' }] }),
    bundledFile: async () => ok(new Uint8Array([0x50])),
    givenFile: async () => err('no'),
    saveFile: () => undefined,
  };
  const { shelf, session, trail } = createRoot(() => createTrapline(workbench, memoryLibrary(), host));
  await shelf.start({ recording: null, target: null });
  await vi.waitFor(() => expect(trail()?.mark).toEqual(session.position()!.mark), { timeout: 3000 });
  expect(asked).toHaveLength(3);
  await session.seek('#1234');
  expect(trail()).toBe(null);
  await vi.waitFor(() => expect(trail()?.mark).toEqual({ icount: 1234, event: 0 }), { timeout: 3000 });
});
