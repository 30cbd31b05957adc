import { expect, test } from 'vitest';
import { createMoves } from '../../../renderer/state/moves.ts';
import { fakeWorkbench } from '../../support/fake-workbench.ts';

function world() {
  const api = fakeWorkbench({ delay: 5 });
  const landed: string[] = [];
  const failures: string[] = [];
  const calls: number[] = [];
  const step = api.step.bind(api);
  const counted = { seek: api.seek.bind(api), step: (...args: Parameters<typeof step>) => (calls.push(args[2]), step(...args)) };
  const moves = createMoves(counted, {
    land: async (position, _jump, detailed) => void landed.push(`${position.mark.icount}${detailed ? '' : '…'}`),
    fail: (text) => failures.push(text),
    busy: () => undefined,
  });
  return { moves, landed, failures, calls };
}

test('ten presses of a held key are ten steps in two questions', async () => {
  const { moves, landed, calls } = world();
  await moves.seek('#1000', false);
  await Promise.all(Array.from({ length: 10 }, () => moves.step('back', 'instruction', 1)));
  expect(calls).toEqual([1, 9]);
  expect(landed.at(-1)).toBe('990');
});

test('only the last of several moves asks for details', async () => {
  const { moves, landed } = world();
  await Promise.all([moves.seek('#10', false), moves.step('forward', 'instruction', 1), moves.step('back', 'instruction', 1)]);
  expect(landed).toEqual(['10…', '11…', '10']);
});

test('a place that does not exist is a sentence, and the moves after it still happen', async () => {
  const { moves, failures, landed } = world();
  const [bad, good] = await Promise.all([moves.seek('#999999999', false), moves.seek('#5', false)]);
  expect([bad, good]).toEqual([false, true]);
  expect(failures[0]).toContain('after the end');
  expect(landed).toEqual(['5']);
});

test('who waits for the moves under way goes on from where they land', async () => {
  const { moves, landed } = world();
  await moves.landed();
  expect(landed).toEqual([]);
  void moves.seek('#1000', false);
  void moves.step('forward', 'instruction', 2);
  await moves.landed();
  expect(landed.at(-1)).toBe('1002');
});
