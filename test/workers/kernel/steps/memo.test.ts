// What is remembered of kernel functions: found again by arguments and results, never more than there is room for.
import { expect, test } from 'vitest';
import { StepMemo } from '../../../../workers/kernel/steps/memo.ts';
import { returnStep } from '../../../../workers/kernel/steps/step.ts';

const step = (n: number) => returnStep(n, n);

test('a first step is found by its arguments, whatever they hash to', () => {
  const memo = new StepMemo();
  const lists = [[], [0], [1], [0, 1], [1, 0], [2 ** 32, 1], [-0x7fff_8000_0000, 5], [0.5]];
  lists.forEach((args, i) => memo.begin(args, step(i), undefined));
  expect(lists.map((args) => memo.find([...args])?.step.at)).toEqual(lists.map((_, i) => i));
  expect(memo.find([2])).toBeNull();
  expect(memo.find([0, 0])).toBeNull();
});

test('steps are found by result in any order, and results beyond the limit are refused', () => {
  const memo = new StepMemo();
  const node = memo.begin([], step(0), undefined)!;
  let added = 0;
  while (memo.add(node, added, step(added), undefined) !== undefined) added++;
  expect(added).toBeGreaterThan(4);
  expect(added).toBeLessThan(100);
  for (const order of [1, -1, 3]) {
    for (let i = 0; i < added; i++) {
      const result = (((i * order) % added) + added) % added;
      expect(node.after(result)?.step.at).toBe(result);
    }
  }
  expect(node.after(added)).toBeNull();
  expect(memo.add(memo.begin([1], step(9), undefined)!, Number.NaN, step(1), undefined)).toBeUndefined();
});

test('the number of steps kept of one function is bounded', () => {
  const memo = new StepMemo();
  let kept = 0;
  for (let i = 0; i < 5000; i++) if (memo.begin([i], step(i), undefined) !== undefined) kept++;
  expect(kept).toBeLessThan(5000);
  expect(memo.find([0])?.step.at).toBe(0);
  expect(memo.find([4999])).toBeNull();
});
