// How each kind of event is called and coloured in the window, and the groups its filters offer. Shapes come from EVENT_KINDS.
import { EVENT_KINDS, EVENT_KIND_NAMES, type EventKind } from '../../recordings/format/events.ts';
import type { DrawnShape } from './shapes.ts';

export type Tone = 'hit-c' | 'bad-c' | 'step-c' | 'oa-c' | 'ob-c' | 'ink2' | 'kern';
export type Group = 'hits' | 'slots' | 'calls' | 'output' | 'exceptions' | 'signals' | 'tasks' | 'refused';

interface KindLook {
  readonly label: string;
  readonly tone: Tone;
  readonly group: Group;
}

export const KIND_LOOKS: Readonly<Record<EventKind, KindLook>> = {
  'watchpoint-hit': { label: 'hit', tone: 'hit-c', group: 'hits' },
  'breakpoint-hit': { label: 'breakpoint', tone: 'hit-c', group: 'hits' },
  suspend: { label: 'suspend', tone: 'oa-c', group: 'slots' },
  'step-over': { label: 'step-over', tone: 'step-c', group: 'slots' },
  install: { label: 'install', tone: 'oa-c', group: 'slots' },
  uninstall: { label: 'uninstall', tone: 'ob-c', group: 'slots' },
  reinstall: { label: 'reinstall', tone: 'oa-c', group: 'slots' },
  'register-write': { label: 'register write', tone: 'ink2', group: 'slots' },
  'slot-reserve': { label: 'slot reserve', tone: 'ob-c', group: 'slots' },
  'slot-release': { label: 'slot release', tone: 'ob-c', group: 'slots' },
  'slot-refuse': { label: 'slot refused', tone: 'bad-c', group: 'refused' },
  exception: { label: 'exception', tone: 'kern', group: 'exceptions' },
  syscall: { label: 'call', tone: 'ink2', group: 'calls' },
  'unknown-syscall': { label: 'unknown call', tone: 'bad-c', group: 'refused' },
  output: { label: 'output', tone: 'ink2', group: 'output' },
  signal: { label: 'signal', tone: 'bad-c', group: 'signals' },
  switch: { label: 'switch', tone: 'ink2', group: 'tasks' },
  fork: { label: 'fork', tone: 'ink2', group: 'tasks' },
  exec: { label: 'exec', tone: 'ink2', group: 'tasks' },
  exit: { label: 'exit', tone: 'ink2', group: 'tasks' },
};

export const GROUPS: readonly { readonly group: Group; readonly title: string; readonly sample: EventKind }[] = [
  { group: 'hits', title: 'hits', sample: 'watchpoint-hit' },
  { group: 'slots', title: 'slots', sample: 'reinstall' },
  { group: 'calls', title: 'calls', sample: 'syscall' },
  { group: 'output', title: 'output', sample: 'output' },
  { group: 'exceptions', title: 'exceptions', sample: 'exception' },
  { group: 'signals', title: 'signals', sample: 'signal' },
  { group: 'tasks', title: 'tasks', sample: 'switch' },
  { group: 'refused', title: 'refused', sample: 'slot-refuse' },
];

/** The hollow triangle with a dot is a hit found after the fact: nothing was recorded there. */
export function shapeOf(kind: EventKind, after: boolean): DrawnShape {
  const shape = EVENT_KINDS[kind].shape;
  return after && shape === 'triangle' ? 'triangle-after' : shape;
}

export const kindsOf = (group: Group): readonly EventKind[] => EVENT_KIND_NAMES.filter((kind) => KIND_LOOKS[kind].group === group);
export const isHit = (kind: EventKind): boolean => KIND_LOOKS[kind].group === 'hits';
