// The event kinds of a recording: one table that the recorder, the file format, the command line, the timeline's shapes
// and docs/json.md all read. A kind or field added here is a format change (recordings/README.md, "Versions").

/**
 * Column types. `icount`: safe integer. `u64`: bigint, shown as 0x… . `u32`: number. `mark`: index of an event or -1.
 * `text`: string from the recording's string table. `bytes`: from its blob.
 */
export type FieldType = 'u32' | 'i32' | 'u64' | 'text' | 'bytes' | 'bool';

/** Shapes of docs/design.md and the window's legend; a kind is told apart without colour. */
export type Shape =
  | 'triangle' // watchpoint or breakpoint hit
  | 'bars' // suspend
  | 'arc' // step-over
  | 'bar-arrow' // reinstall
  | 'bracket-open' // install
  | 'bracket-close' // uninstall
  | 'square' // slot accounting
  | 'dot' // register write
  | 'ring' // system call
  | 'block' // output
  | 'diamond' // signal
  | 'chevron' // exception
  | 'fork' // process and thread life
  | 'cross'; // something refused or not implemented

export interface KindRow {
  readonly shape: Shape;
  /** One sentence: what happened. */
  readonly about: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** Every event also has: mark, cpu, tid, pc, cause (index of the event that led to it, or -1). */
export const EVENT_KINDS = {
  'watchpoint-hit': {
    shape: 'triangle',
    about: 'a watchpoint comparator matched an access and the event was notified',
    fields: {
      event: 'text', // its specification, mem:counter/8:w
      perf_event: 'u32', // id of the perf_event
      address: 'u64',
      size: 'u32',
      access: 'text', // r | w
      slot: 'u32',
      reported: 'text', // before | after the access
      old: 'u64', // value of the accessed bytes before; of sizes above 8 the first 8 bytes that overlap the watch
      new: 'u64', // after the step-over; equal to old until known
      counted: 'bool', // perf counted it (false: excluded, kernel access, stopped)
    },
  },
  'breakpoint-hit': {
    shape: 'triangle',
    about: 'a breakpoint comparator matched the instruction about to execute',
    fields: { event: 'text', perf_event: 'u32', address: 'u64', slot: 'u32', reported: 'text', counted: 'bool' },
  },
  suspend: {
    shape: 'bars',
    about: 'a slot was disabled so that the instruction under it can be stepped over',
    fields: { slot: 'u32', register: 'text', old: 'u64', new: 'u64' },
  },
  'step-over': { shape: 'arc', about: 'the instruction under a suspended slot was single-stepped', fields: {} },
  install: {
    shape: 'bracket-open',
    about: 'a perf_event took a hardware slot',
    fields: { event: 'text', perf_event: 'u32', slot: 'u32', address: 'u64', control: 'u64', file: 'text' },
  },
  uninstall: {
    shape: 'bracket-close',
    about: 'a perf_event left its hardware slot',
    fields: { event: 'text', perf_event: 'u32', slot: 'u32', file: 'text' },
  },
  reinstall: {
    shape: 'bar-arrow',
    about: 'the registers of an owned slot were programmed again',
    fields: { event: 'text', perf_event: 'u32', slot: 'u32', register: 'text', old: 'u64', new: 'u64', reason: 'text' }, // stepped | moved | switched
  },
  'register-write': { shape: 'dot', about: 'a debug register was written', fields: { register: 'text', old: 'u64', new: 'u64' } },
  'slot-reserve': {
    shape: 'square',
    about: 'hw_breakpoint accounting granted a slot',
    fields: { event: 'text', perf_event: 'u32', type: 'text', used: 'u32', slots: 'u32' },
  },
  'slot-release': {
    shape: 'square',
    about: 'hw_breakpoint accounting took a slot back',
    fields: { event: 'text', perf_event: 'u32', type: 'text', used: 'u32', slots: 'u32' },
  },
  'slot-refuse': {
    shape: 'cross',
    about: 'a request for a slot was refused',
    fields: { event: 'text', type: 'text', errno: 'text', used: 'u32', slots: 'u32', holders: 'text' },
  },
  exception: {
    shape: 'chevron',
    about: 'an exception was taken that is not a system call, hit or step',
    fields: { class: 'text', esr: 'u32', far: 'u64' },
  },
  syscall: {
    shape: 'ring',
    about: 'a system call returned (its mark is the return; entry is where it was made)',
    fields: { name: 'text', args: 'text', result: 'text', entry: 'u64' },
  },
  'unknown-syscall': {
    shape: 'cross',
    about: 'a program called something this kernel does not implement; it got -ENOSYS',
    fields: { name: 'text', number: 'u32', args: 'text' },
  },
  output: { shape: 'block', about: 'a program wrote to its terminal', fields: { fd: 'u32', data: 'bytes' } },
  signal: { shape: 'diamond', about: 'a signal was delivered', fields: { signal: 'text', code: 'i32', address: 'u64', action: 'text' } }, // handler | ignored | terminated | stopped
  switch: { shape: 'fork', about: 'a CPU switched tasks', fields: { from: 'u32', to: 'u32' } },
  fork: { shape: 'fork', about: 'a process or thread began', fields: { child: 'u32', thread: 'bool' } },
  exec: { shape: 'fork', about: 'a process replaced its program', fields: { path: 'text', entry: 'u64' } },
  exit: { shape: 'fork', about: 'a thread or process ended', fields: { code: 'i32', signal: 'text', group: 'bool' } },
} as const satisfies Record<string, KindRow>;

export type EventKind = keyof typeof EVENT_KINDS;
export const EVENT_KIND_NAMES = Object.keys(EVENT_KINDS) as readonly EventKind[];

type ValueOf<T extends FieldType> = T extends 'u64'
  ? bigint
  : T extends 'text'
    ? string
    : T extends 'bytes'
      ? Uint8Array
      : T extends 'bool'
        ? boolean
        : number;
export type EventFields<K extends EventKind> = {
  -readonly [F in keyof (typeof EVENT_KINDS)[K]['fields']]: ValueOf<(typeof EVENT_KINDS)[K]['fields'][F] & FieldType>;
};

/** What every event carries. `index` is its position in the recording; `cause` is another event's index or -1. */
export interface EventHead {
  readonly icount: number;
  readonly event: number;
  readonly cpu: number;
  readonly tid: number;
  readonly pc: bigint;
  readonly cause: number;
}

/** An event as the machine emits it and as a reader gives it back. */
export type TraceEvent<K extends EventKind = EventKind> = K extends EventKind
  ? EventHead & { readonly kind: K; readonly fields: EventFields<K> }
  : never;
