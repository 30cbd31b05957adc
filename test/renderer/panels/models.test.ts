import { describe, expect, test } from 'vitest';
import { codeRows, codeTitle } from '../../../renderer/panels/code/model.ts';
import { coveredBytes, monitorBits, shownSlot } from '../../../renderer/panels/debug-unit/model.ts';
import { kindsOfGroups } from '../../../renderer/panels/events/model.ts';
import { betweenHits, fieldPairs, hitView } from '../../../renderer/panels/inspector/model.ts';
import { byteRows, fieldRows } from '../../../renderer/panels/memory/model.ts';
import { completions, fieldErrors, requestOf, splitArgs } from '../../../renderer/panels/record/model.ts';
import { comparable, flags, registerDeltas } from '../../../renderer/panels/registers/model.ts';
import { nearest, tickStep, timelineRows, valueScale } from '../../../renderer/panels/timeline/model.ts';
import { GROUPS } from '../../../renderer/base/kinds.ts';
import { shownRegisters } from '../../../renderer/state/focus-cpu.ts';
import { SymbolTable } from '../../../renderer/base/symbols.ts';
import type { WatchLane } from '../../../renderer/state/session-types.ts';
import type { Position } from '../../../workers/api/workbench-api.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

const api = fakeWorkbench();
const WATCH = 'mem:pool.total/8:w';
const lane = async (): Promise<WatchLane> => ({
  watch: { text: WATCH, address: 0x4a20d0n, length: 8, access: 'w', hits: 37, recorded: true },
  series: await api.watchSeries(WATCH),
});
async function at(target: string): Promise<Position> {
  const answer = await api.seek(target);
  if (!answer.ok) throw new Error(answer.error);
  return answer.value;
}
const symbols = async () => new SymbolTable(await api.symbols('', 100));

describe('inspector', () => {
  test('the 36th hit is named, has both values, and its value out of line is pointed at', async () => {
    const { event } = await at('#265797');
    expect(hitView(event!, [await lane()])).toMatchObject({
      title: 'Hit 36 of 37',
      new: '4,294,967,295',
      odd: true,
      sentence: 'slots_clear+0x14 writes pool.total. It writes 4 bytes of an 8-byte watch.',
    });
  });

  test('between two hits it says which, and what the value is', async () => {
    const { series } = await lane();
    expect(betweenHits(265_800, await lane())).toEqual({
      title: 'Between hit 36 and 37 of 37',
      value: '4,294,967,295',
      writer: expect.any(Number),
    });
    expect(betweenHits(0, await lane())).toEqual({ title: 'Before the first hit of pool.total', value: 'not written yet', writer: -1 });
    expect(betweenHits(290_000, { ...(await lane()), series }).title).toBe('After the last hit of pool.total');
  });

  test('the fields of another event are read in the words of its kind', async () => {
    const { event } = await at('#265845');
    expect(fieldPairs(event!)).toContainEqual(['old', '0x1ff5']);
  });
});

describe('registers', () => {
  test('only what changed has a line, with what it was', async () => {
    const now = shownRegisters((await at('#1000')).cpus[0]!, 'program');
    const before = { ...now, regs: { ...now.regs, x5: 1n, nzcv: 0x6n << 28n } };
    const { rows, more } = registerDeltas(now, before, await symbols(), 1);
    expect(rows.map((row) => [row.name, row.old])).toEqual([['x5', 1n]]);
    expect(more).toBe(1);
    expect(registerDeltas(now, null, await symbols(), 4).rows).toEqual([]);
  });

  test("in the kernel the program's side is what it will go on with; another task is not compared", async () => {
    const position = await at('#1000');
    const inKernel = { ...position.cpus[0]!, el: 1 as const, user: { x0: 7n, pc: 0x4006e8n, sp: 1n, nzcv: 0n } };
    expect(shownRegisters(inKernel, 'program')).toMatchObject({ pc: 0x4006e8n, saved: true, regs: { x0: 7n } });
    expect(shownRegisters(inKernel, 'kernel')).toMatchObject({ pc: inKernel.pc, saved: false });
    const other = { ...position, cpus: [{ ...position.cpus[0]!, tid: 9 }, position.cpus[1]!] };
    expect(comparable(position, other, 'program')).toBe(null);
    expect(comparable(position, position, 'program')).not.toBe(null);
  });

  test('flags are letters where set', () => {
    expect(flags(0b1010n << 28n)).toBe('N · C ·');
  });
});

describe('code', () => {
  test('the row about to execute carries the hit, branches say which way', async () => {
    const position = await at('#265797');
    const rows = codeRows(await api.disassemble(1, 0x4006e8n, 8, 8), 0x4006e8n, position.event, await symbols());
    expect(rows.find((row) => row.next)).toMatchObject({ mnemonic: 'str', hit: true, note: 'pool.total' });
    expect(rows.find((row) => row.mnemonic === 'b.ne')?.note).toBe('↑');
    expect(codeTitle(0x4006e8n, [], null, await symbols())).toEqual({ name: 'slots_clear', offset: '+0x14' });
  });
});

describe('debug unit', () => {
  test('the slot of the hit is shown, and which bytes the access covers', async () => {
    const position = await at('#265797');
    const slot = shownSlot(position.cpus[1]!, null, position.event)!;
    expect([slot.file, slot.slot]).toEqual(['WRP', 0]);
    expect(coveredBytes(slot, position.event)).toBe('0–3');
    expect(monitorBits(0x8000n)).toBe('MDE');
  });
});

describe('memory', () => {
  test('bytes that changed, are watched or are about to be accessed are told apart', async () => {
    const position = await at('#265797');
    const view = await api.memory(1, 0x4a20c0n, 32);
    const rows = byteRows(view, { ...view, bytes: view.bytes.map((byte, n) => (n === 3 ? 0 : byte)) }, [await lane()], position.event);
    expect(rows[0]!.cells.filter((cell) => cell.changed).map((cell) => cell.address)).toEqual([0x4a20c3n]);
    expect(rows[1]!.cells.filter((cell) => cell.watched)).toHaveLength(8);
    expect(rows[1]!.cells.filter((cell) => cell.accessed)).toHaveLength(4);
  });

  test('a variable in view has its little-endian value', () => {
    const view = {
      address: 0x1000n,
      bytes: [1, 2, 0, 0, null, 5, 6, 7],
      symbols: [
        { address: 0x1000n, name: 'a', size: 4 },
        { address: 0x1004n, name: 'b', size: 4 },
        { address: 0x1006n, name: 'c', size: 8 },
      ],
    };
    expect(fieldRows(view).map((row) => [row.name, row.value])).toEqual([
      ['a', 513n],
      ['b', null],
      ['c', null],
    ]);
  });
});

describe('timeline', () => {
  test('one value far out is off the scale and the rest keeps its shape', async () => {
    const { series } = await lane();
    expect(valueScale(series, { from: 0, to: 300_000 })).toMatchObject({ low: 1643, high: 57505 });
    expect(valueScale(series, { from: 0, to: 100_000 }).high).toBe(1643 * 7);
  });

  test('ticks are round and leave room for their labels', () => {
    expect(tickStep({ from: 0, to: 290_000 }, 1200, 96)).toBe(50_000);
    expect(tickStep({ from: 0, to: 20 }, 1200, 96)).toBe(2);
  });

  test('rows follow one another without gaps', async () => {
    const rows = timelineRows(2, await at('#5'), [await lane()], 290_000, { from: 0, to: 290_000 });
    rows.forEach((row, n) => expect(row.top).toBe(rows.slice(0, n).reduce((sum, other) => sum + other.height, 0)));
    expect(rows.map((row) => row.kind)).toEqual(['overview', 'ruler', 'cpu', 'cpu', 'calls', 'watch']);
  });

  test('a click means the nearest item within reach, or none', () => {
    const items = { icount: Float64Array.from([10, 20, 21]) };
    expect([nearest(items, 11, 3), nearest(items, 20.6, 3), nearest(items, 15, 3)]).toEqual([0, 2, -1]);
  });
});

describe('events', () => {
  test('all groups is the question without kinds; a group is its kinds', () => {
    expect(kindsOfGroups(new Set(GROUPS.map((row) => row.group)))).toBe(null);
    expect(kindsOfGroups(new Set(['output']))).toEqual(['output']);
  });
});

describe('record form', () => {
  const form = {
    program: { name: 'a b.elf', data: new Uint8Array(4) },
    args: `-x "two words" 'it''s' a\\ b`,
    seed: '0x10',
    cpus: '2',
    files: [],
    env: '',
    stdin: 'hé',
    watches: [' mem:c/8:w ', ''],
    maxIcount: '',
  };

  test('arguments are split as a shell splits plain words and quotes', () => {
    expect(splitArgs(form.args)).toEqual({ ok: true, value: ['-x', 'two words', 'its', 'a b'] });
    expect(splitArgs('""')).toEqual({ ok: true, value: [''] });
    expect(splitArgs('"open')).toMatchObject({ ok: false });
  });

  test('a form without errors is a request', () => {
    expect(fieldErrors(form)).toEqual({});
    expect(requestOf(form)).toMatchObject({
      name: 'a b.elf',
      programPath: '/a-b.elf',
      argv: ['./a-b.elf', '-x', 'two words', 'its', 'a b'],
      seed: 16,
      cpus: 2,
      events: ['mem:c/8:w'],
      maxIcount: null,
    });
  });

  test('each field that cannot be is named with its bounds', () => {
    expect(Object.keys(fieldErrors({ ...form, program: null, seed: '-1', cpus: '9', maxIcount: 'x' }))).toEqual([
      'program',
      'seed',
      'cpus',
      'maxIcount',
    ]);
  });

  test('a half-typed watch becomes whole specifications, variables before functions', async () => {
    const rows = await api.symbols('', 100);
    expect(completions('mem:poo', rows)).toEqual(['mem:pool/8:w']);
    expect(completions('', rows)).toEqual(['mem:pool/8:w', 'mem:sink/8:w']);
    expect(completions('mem:pool/8', rows)).toEqual([]);
    expect(completions('dep', rows)).toEqual(['mem:deposit:x']);
  });
});
