// Commands that move through time. Each has its mirror: the reverse key is the forward key with Shift.
import type { Direction, StepUnit } from '../../workers/api/workbench-api.ts';
import type { CommandParts } from './commands.ts';
import type { Command } from './registry.ts';

type Row = readonly [id: string, title: string, direction: Direction, unit: StepUnit, keys: readonly string[]];

const STEPS: readonly Row[] = [
  ['move.hit-back', 'Back to the previous hit', 'back', 'hit', ['Shift+F5', 'Shift+H']],
  ['move.over-back', 'Back over calls and the kernel', 'back', 'over', ['Shift+F10', 'Shift+N']],
  ['move.step-back', 'Back one instruction', 'back', 'instruction', ['Shift+Alt+F11', 'Shift+S']],
  ['move.step', 'Forward one instruction', 'forward', 'instruction', ['F11', 'S']],
  ['move.over', 'Forward over calls and the kernel', 'forward', 'over', ['F10', 'N']],
  ['move.hit', 'On to the next hit', 'forward', 'hit', ['F5', 'H']],
  ['move.out', 'Out of this function', 'forward', 'out', ['Shift+F11', 'U']],
  ['move.out-back', 'Back to the call of this function', 'back', 'out', ['Alt+F11', 'Shift+U']],
  ['move.event-back', 'Previous event', 'back', 'event', [',']],
  ['move.event', 'Next event', 'forward', 'event', ['.']],
];

export function createMoveCommands({ session, view, focus }: CommandParts, recording: () => boolean): Command[] {
  const lane = () => view.lane() ?? session.watches()[0]?.watch.text ?? null;
  const walk = (direction: Direction) => () => {
    const text = lane();
    if (text !== null) void session.stepWatch(text, direction);
  };
  const one = (id: string, title: string, keys: readonly string[], run: () => void): Command => ({
    id,
    title,
    group: 'Move',
    keys,
    when: recording,
    run,
  });
  return [
    ...STEPS.map(([id, title, direction, unit, keys]) => one(id, title, keys, () => void session.step(direction, unit))),
    one('move.watch-back', 'Previous write of the chosen watch', ['K', 'Shift+K'], walk('back')),
    one('move.watch', 'Next write of the chosen watch', ['J', 'Shift+J'], walk('forward')),
    one('move.go', 'Go to a Mark, a percentage or a symbol', ['G'], () => focus('mark')),
    one('move.start', 'To the start of the recording', ['Shift+Home'], () => void session.seek('#0')),
    one('move.end', 'To the end of the recording', ['Shift+End'], () => void session.seek('!100')),
    one('move.before', 'Back to where you were', ['Alt+ArrowLeft'], () => void session.history('back')),
    one('move.after', 'Forward again', ['Alt+ArrowRight'], () => void session.history('forward')),
  ];
}
