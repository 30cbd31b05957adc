// A workbench without a machine: one made-up recording with plausible numbers, for tests of components and of the window's state.
// Nothing it answers was computed by an emulator; no test of behaviour of programs may use it.
import { EVENT_KIND_NAMES, type EventKind } from '../../recordings/format/events.ts';
import { compareMarks, type Mark, parseMark } from '../../workers/base/mark.ts';
import { err, ok } from '../../workers/base/result.ts';
import type {
  DisasmRow,
  EventRow,
  Position,
  RecordingSummary,
  SymbolRow,
  WatchSummary,
  WorkbenchApi,
} from '../../workers/api/workbench-api.ts';

const HITS = [
  28062, 31915, 39342, 53735, 64237, 71429, 75257, 106009, 109808, 113884, 126796, 131895, 141896, 146900, 150714, 157122, 161024, 164845,
  169907, 176951, 183914, 191185, 200032, 204024, 207806, 211588, 216176, 220142, 223924, 227743, 232808, 236587, 240521, 244347, 258208,
  265797, 279757,
];
const FOUND = [22730, 105942, 157059, 203961, 236524, 265794];
const CALLS: readonly (readonly [number, string])[] = [
  [15887, 'brk'],
  [16042, 'set_tid_address'],
  [16187, 'rseq'],
  [16684, 'getrandom'],
  [21156, 'mprotect'],
  [22518, 'write'],
  [22795, 'rt_sigaction'],
  [23111, 'mmap'],
  [24131, 'clone'],
  [30769, 'set_robust_list'],
  [119425, 'write'],
  [177961, 'write'],
  [228774, 'write'],
  [289609, 'write'],
  [290194, 'tgkill'],
];
const LINES = new Map([
  [22518, 'ledger: 8 slots, float 0.00\n'],
  [119425, 'teller: 10 deposits\n'],
  [177961, 'teller: 20 deposits\n'],
  [228774, 'teller: 30 deposits\n'],
  [289609, 'audit 6: pool holds 42949697.27\n'],
]);
const END = 290316;
const TOTAL = 0x4a20d0n;
const OWNER = 0x4a20b8n;

const SYMBOLS: readonly SymbolRow[] = [
  { name: 'slots_clear', address: 0x4006d4n, size: 0x24, kind: 'function' },
  { name: 'deposit', address: 0x400700n, size: 0x60, kind: 'function' },
  { name: 'auditor', address: 0x400760n, size: 0x120, kind: 'function' },
  { name: 'main', address: 0x400880n, size: 0x180, kind: 'function' },
  { name: 'pool', address: 0x4a20b0n, size: 0x28, kind: 'object' },
  { name: 'sink', address: 0x4a2098n, size: 8, kind: 'object' },
];
const CODE: readonly (readonly [bigint, number, string])[] = [
  [0x4006d4n, 0x37f80101, 'tbnz w1, #31, 0x4006f4'],
  [0x4006d8n, 0xaa0003e2, 'mov x2, x0'],
  [0x4006dcn, 0x91001000, 'add x0, x0, #0x4'],
  [0x4006e0n, 0x8b214800, 'add x0, x0, w1, uxtw #2'],
  [0x4006e4n, 0x12800001, 'mov w1, #-1'],
  [0x4006e8n, 0xb8004441, 'str\tw1, [x2], #4'],
  [0x4006ecn, 0xeb00005f, 'cmp x2, x0'],
  [0x4006f0n, 0x54ffffc1, 'b.ne\t0x4006e8'],
  [0x4006f4n, 0xd65f03c0, 'ret'],
  [0x4006f8n, 0xd503201f, 'nop'],
];

function makeEvents(): EventRow[] {
  const made: Omit<EventRow, 'index' | 'cause'>[] = [];
  const add = (icount: number, event: number, kind: EventKind, what: string, fields: Record<string, unknown>, cpu = 0) =>
    made.push({
      mark: { icount, event },
      kind,
      cpu,
      tid: 4101 + cpu,
      pc: cpu === 1 ? 0x4006e8n : 0x400730n,
      symbol: cpu === 1 ? 'slots_clear+0x14' : 'deposit+0x30',
      what,
      fields: fields as EventRow['fields'],
    });
  add(120, 0, 'install', 'WRP0 mem:pool/8:w', {
    event: 'mem:pool.total/8:w',
    perf_event: 1,
    slot: 0,
    address: TOTAL,
    control: 0x1ff5n,
    file: 'WRP',
  });
  for (const [icount, name] of CALLS) {
    if (LINES.has(icount))
      add(icount, 0, 'output', JSON.stringify(LINES.get(icount)), { fd: 1, data: new TextEncoder().encode(LINES.get(icount)) });
    add(icount, 1, 'syscall', `${name}(…) = 0`, { name, args: '…', result: '0', entry: 0n });
  }
  HITS.forEach((icount, n) => {
    const cpu = icount === 265797 ? 1 : 0;
    const old = BigInt(n * 1643);
    const next = icount === 265797 ? 4294967295n : icount === 279757 ? 4294969727n : BigInt((n + 1) * 1643);
    add(
      icount,
      0,
      'watchpoint-hit',
      `write ${cpu === 1 ? 4 : 8} pool.total`,
      {
        event: 'mem:pool.total/8:w',
        perf_event: 1,
        address: TOTAL,
        size: cpu === 1 ? 4 : 8,
        access: 'w',
        slot: 0,
        reported: 'before',
        old,
        new: next,
        counted: true,
      },
      cpu,
    );
    add(icount + 48, 0, 'suspend', 'DBGWCR0_EL1 1ff5 → 1ff4', { slot: 0, register: 'DBGWCR0_EL1', old: 0x1ff5n, new: 0x1ff4n }, cpu);
    add(icount + 77, 0, 'step-over', 'one instruction', {}, cpu);
    add(
      icount + 114,
      0,
      'reinstall',
      'DBGWCR0_EL1 1ff4 → 1ff5',
      { event: '', perf_event: 1, slot: 0, register: 'DBGWCR0_EL1', old: 0x1ff4n, new: 0x1ff5n, reason: 'stepped' },
      cpu,
    );
  });
  for (let icount = 30800; icount < END; icount += 2400)
    add(icount, 0, 'switch', 'to 4102', { from: 0, to: 4101 + ((icount / 2400) & 1) }, (icount / 2400) & 1);
  add(END, 0, 'signal', 'SIGABRT to tid 4102', { signal: 'SIGABRT', code: -6, address: 0n, action: 'terminated' }, 1);
  const sorted = made.sort((a, b) => compareMarks(a.mark, b.mark));
  let hit: { index: number; mark: Mark } | null = null;
  return sorted.map((row, index) => {
    const cause = hit !== null && ['suspend', 'step-over', 'reinstall'].includes(row.kind) ? hit : null;
    if (row.kind === 'watchpoint-hit') hit = { index, mark: row.mark };
    return { ...row, index, cause };
  });
}

export interface FakeOptions {
  /** Milliseconds each call takes. */
  readonly delay?: number;
}

export function fakeWorkbench(options: FakeOptions = {}): WorkbenchApi {
  let rows = makeEvents();
  const watches: WatchSummary[] = [
    { text: 'mem:pool.total/8:w', address: TOTAL, length: 8, access: 'w', hits: HITS.length, recorded: true },
  ];
  const end: Mark = { icount: END, event: 1 };
  let at: Mark = { icount: 0, event: 0 };
  let cancels = 0;
  const pause = () => new Promise<void>((done) => (options.delay === undefined ? done() : setTimeout(done, options.delay)));
  const kinds: Partial<Record<EventKind, number>> = {};
  for (const row of rows) kinds[row.kind] = (kinds[row.kind] ?? 0) + 1;
  const summary: RecordingSummary = {
    id: 'fake',
    name: 'ledger · stray write',
    arch: 'aarch64',
    cpus: 2,
    seed: 7,
    program: '/ledger',
    argv: ['./ledger'],
    end,
    eventCount: rows.length,
    kinds,
    watches,
    exit: { code: 134, signal: 'SIGABRT', how: 'terminated by SIGABRT' },
    sizeBytes: 1_990_000,
  };

  function position(): Position {
    const event = rows.find((row) => compareMarks(row.mark, at) === 0) ?? null;
    const cpu = event?.cpu ?? (at.icount > 250_000 ? 1 : 0);
    const regs = (which: number) => {
      const all: Record<string, bigint> = {};
      for (let n = 0; n < 31; n += 1)
        all[`x${n}`] = (BigInt(Math.floor(at.icount / (n + 1))) * BigInt(n * n + 3) + BigInt(which)) & 0xffffffffffn;
      return {
        ...all,
        sp: 0x5501010c80n,
        pc: CODE[at.icount % CODE.length]![0],
        nzcv: BigInt(at.icount % 16) << 28n,
        fpcr: 0n,
        fpsr: 0n,
        tpidr_el0: 0x4a6000n,
        v0: 0n,
        v1: 0x3ff0000000000000n,
      };
    };
    const cpus = [0, 1].map((which) => ({
      cpu: which,
      el: 0 as const,
      pc: CODE[at.icount % CODE.length]![0],
      tid: 4101 + which,
      mm: 1,
      regs: regs(which),
      debug: { MDSCR_EL1: 0x8000n, DBGWVR0_EL1: TOTAL, DBGWCR0_EL1: 0x1ff5n },
      slots: [
        ...[0, 1, 2, 3, 4, 5].map((slot) => ({
          file: 'BRP' as const,
          slot,
          owner: null,
          perf_event: 0,
          address: 0n,
          control: 0n,
          state: 'free' as const,
        })),
        {
          file: 'WRP' as const,
          slot: 0,
          owner: 'mem:pool.total/8:w',
          perf_event: 1,
          address: TOTAL,
          control: 0x1ff5n,
          state: 'armed' as const,
        },
        ...[1, 2, 3].map((slot) => ({
          file: 'WRP' as const,
          slot,
          owner: null,
          perf_event: 0,
          address: 0n,
          control: 0n,
          state: 'free' as const,
        })),
      ],
    }));
    const tasks = [4101, 4102].map((tid, n) => ({
      tid,
      tgid: 4101,
      mm: 1,
      name: n === 0 ? 'ledger' : 'auditor',
      state: 'running',
      cpu: n,
      kernelStack: [],
    }));
    return {
      mark: at,
      end,
      cpus,
      cpu,
      tasks,
      event,
      digest: (at.icount * 2654435761).toString(16).padStart(16, '0').slice(0, 16),
      verified: false,
    };
  }

  const select = (query: { kinds: readonly EventKind[] | null; from: Mark | null; to: Mark | null }) =>
    rows.filter(
      (row) =>
        (query.kinds === null || query.kinds.includes(row.kind)) &&
        (query.from === null || compareMarks(row.mark, query.from) >= 0) &&
        (query.to === null || compareMarks(row.mark, query.to) < 0),
    );

  return {
    async inspectProgram(program) {
      await pause();
      return program[0] === 0x7f
        ? ok({ symbols: SYMBOLS, machine: 'AArch64' })
        : err('This is not an ELF file: it does not begin with 7f 45 4c 46.');
    },
    async checkEvent(_program, event) {
      return /^mem:\w+(\/[1248])?(:[rwx]+)?$/.test(event) ? null : `'${event}' is not a watch: write mem:SYMBOL/LEN:rw`;
    },
    async record(request, onProgress) {
      for (let n = 1; n <= 4; n += 1) {
        await pause();
        onProgress({ icount: n * 70_000, events: n * 50, hits: n * 9, bytes: n * 40_000, rate: 12_000_000 });
      }
      return ok({ ...summary, name: request.name });
    },
    stop: async () => undefined,
    open: async (file) =>
      file[0] === 0x50
        ? ok(summary)
        : err('Part recording.json is missing: this is not a .trapline file. Choose a file that Trapline saved.'),
    save: async () => ok(new Uint8Array([0x50, 0x4b, 3, 4])),
    async events(query) {
      await pause();
      const found = select(query);
      return { total: found.length, rows: found.slice(query.offset, query.offset + query.limit) };
    },
    event: async (index) => rows[index] ?? null,
    async lanes() {
      const count = rows.length;
      const lanes = {
        icount: new Float64Array(count),
        index: new Uint32Array(count),
        kind: new Uint8Array(count),
        cpu: new Uint8Array(count),
        tid: new Uint32Array(count),
      };
      rows.forEach((row, n) => {
        lanes.icount[n] = row.mark.icount;
        lanes.index[n] = row.index;
        lanes.kind[n] = EVENT_KIND_NAMES.indexOf(row.kind);
        lanes.cpu[n] = row.cpu;
        lanes.tid[n] = row.tid;
      });
      return lanes;
    },
    async watchSeries(text) {
      const hits = rows.filter((row) => row.kind === 'watchpoint-hit' && (row.fields as { event: string }).event === text);
      return {
        icount: Float64Array.from(hits, (row) => row.mark.icount),
        value: BigUint64Array.from(hits, (row) => (row.fields as { new: bigint }).new),
        index: Uint32Array.from(hits, (row) => row.index),
      };
    },
    async seek(target) {
      await pause();
      const mark = typeof target !== 'string' ? ok(target) : parseMark(target, end);
      if (!mark.ok) return mark;
      at = mark.value;
      return ok(position());
    },
    async step(direction, unit, count) {
      await pause();
      for (let n = 0; n < count; n += 1) {
        if (unit === 'hit' || unit === 'event') {
          const wanted = rows.filter((row) => unit === 'event' || row.kind.endsWith('-hit')).map((row) => row.mark);
          const next =
            direction === 'forward'
              ? wanted.find((mark) => compareMarks(mark, at) > 0)
              : wanted.findLast((mark) => compareMarks(mark, at) < 0);
          at = next ?? (direction === 'forward' ? end : { icount: 0, event: 0 });
        } else
          at = {
            icount: Math.max(0, Math.min(END, at.icount + (direction === 'forward' ? 1 : -1) * (unit === 'instruction' ? 1 : 7))),
            event: 0,
          };
      }
      return ok(position());
    },
    position: async () => position(),
    async disassemble(_cpu, around, before, after): Promise<readonly DisasmRow[]> {
      const pc = CODE.findIndex(([address]) => address === around);
      return CODE.slice(Math.max(0, pc - before), pc + after).map(([address, word, text]) => ({
        address,
        word,
        text,
        symbol: SYMBOLS.find((s) => s.address === address)?.name ?? null,
        isPc: address === around,
      }));
    },
    async memory(_cpu, address, length) {
      const byte = (n: bigint) =>
        n >= TOTAL && n < TOTAL + 8n
          ? Number((BigInt(at.icount) >> ((n - TOTAL) * 8n)) & 255n)
          : n >= 0x4a20b0n && n < TOTAL
            ? 0xff
            : n % 16n < 8n
              ? 0
              : Number(n & 255n);
      return {
        address,
        bytes: Array.from({ length }, (_, n) => (n >= 224 ? null : byte(address + BigInt(n)))),
        symbols: SYMBOLS.filter((s) => s.kind === 'object'),
      };
    },
    symbols: async (filter, limit) => SYMBOLS.filter((s) => s.name.includes(filter)).slice(0, limit),
    async evaluate(_cpu, expression) {
      if (/^0x[\da-f]+$/.test(expression)) return ok(BigInt(expression));
      const symbol = SYMBOLS.find((s) => s.name === expression);
      return symbol !== undefined
        ? ok(symbol.address)
        : expression === 'sp'
          ? ok(0x5501010c80n)
          : err(`'${expression}' is neither a symbol, an address nor a register`);
    },
    async lastWrite(_address, _length, before, onProgress) {
      onProgress({ done: 1, total: 1, hits: 1 });
      const row = rows.findLast(
        (candidate) => candidate.kind === 'watchpoint-hit' && (before === null || compareMarks(candidate.mark, before) < 0),
      );
      if (row === undefined) return ok(null);
      return ok({
        kind: 'watchpoint-hit',
        icount: row.mark.icount,
        event: row.mark.event,
        cpu: row.cpu,
        tid: row.tid,
        pc: row.pc,
        cause: -1,
        fields: row.fields,
      } as never);
    },
    async addWatch(text, onProgress) {
      if (!/^mem:/.test(text)) return err(`'${text}' is not a watch: write mem:SYMBOL/LEN:rw`);
      for (let n = 0; n <= 10; n += 1) {
        await pause();
        onProgress({ done: n, total: 10, hits: Math.floor((FOUND.length * n) / 10) });
      }
      const fields = {
        event: text,
        perf_event: 0,
        address: OWNER,
        size: 4,
        access: 'w',
        slot: 0,
        reported: 'before',
        old: 0n,
        new: 7n,
        counted: false,
      };
      const found = FOUND.map((icount) => ({
        index: 0,
        mark: { icount, event: 0 },
        kind: 'watchpoint-hit' as const,
        cpu: 0,
        tid: 4101,
        pc: 0x4006e8n,
        symbol: 'slots_clear+0x14',
        cause: null,
        what: `write 4 ${text}`,
        fields: fields as EventRow['fields'],
      }));
      rows = [...rows, ...found].sort((a, b) => compareMarks(a.mark, b.mark)).map((row, index) => ({ ...row, index }));
      return ok({ text, address: OWNER, length: 4, access: 'w', hits: FOUND.length, recorded: false });
    },
    async removeWatch(text) {
      rows = rows
        .filter((row) => row.kind !== 'watchpoint-hit' || (row.fields as { event: string }).event !== text)
        .map((row, index) => ({ ...row, index }));
    },
    async trail(_cpu, around, limit) {
      await pause();
      const where = SYMBOLS.find((s) => s.kind === 'function' && around >= s.address && around < s.address + BigInt(s.size));
      if (where === undefined) return ok(null);
      const last = CODE.findIndex(([address]) => address === around);
      const entered: Mark = { icount: Math.max(0, at.icount - 29), event: 0 };
      return ok({
        mark: at,
        tid: 4102,
        function: { name: where.name, address: where.address, size: where.size },
        entered: limit > 29 ? entered : null,
        from: entered,
        counts: CODE.filter((_, n) => n > 0 && n < 8).map(([address], n) => ({ address, times: n < 4 ? 1 : n < last ? 9 : 8 })),
      });
    },
    async cancel() {
      cancels += 1;
    },
    async why({ mark, slot }) {
      const { cpus } = position();
      const cpu = cpus[0]!;
      const conditions = (holds: boolean) => [
        {
          name: 'debug exceptions are enabled (MDSCR_EL1.MDE)',
          ref: 'D2.4.1',
          ok: true,
          text: 'MDSCR_EL1 is 0x8000: MDE is 1',
          since: { icount: 10, event: 1 },
          by: 'register-write' as const,
        },
        {
          name: 'the comparator is enabled (E)',
          ref: 'D2.9.3',
          ok: holds,
          text: `DBGWCR0_EL1 is 0x1ff${holds ? 5 : 4}: E is ${holds ? 1 : 0}`,
          since: { icount: 12, event: 1 },
          by: 'install' as const,
        },
      ];
      const access = { address: OWNER, size: 4, access: 'w' as const, by: 'program' as const };
      return ok({
        mark: mark ?? { icount: 0, event: 0 },
        cpu: 0,
        tid: cpu.tid,
        el: cpu.el,
        pc: cpu.pc,
        symbol: 'deposit',
        text: 'str\tw0, [x1]',
        accesses: [access],
        slots: [0, 1]
          .filter((n) => slot === null || slot.slot === n)
          .map((n) => ({
            file: 'WRP' as const,
            slot: n,
            event: 'mem:pool/8:w',
            verdict: n === 0 ? ('hit' as const) : ('no-hit' as const),
            access,
            conditions: conditions(n === 0),
            note: '',
          })),
        note: '',
      });
    },
    async verify(onProgress) {
      const before = cancels;
      await pause();
      onProgress({ done: 1, total: 1, hits: 0 });
      return cancels === before ? ok({ digests: 18 }) : err('cancelled');
    },
    output: async () =>
      rows
        .filter((row) => row.kind === 'output')
        .map((row) => ({ mark: row.mark, index: row.index, fd: 1, data: (row.fields as { data: Uint8Array }).data })),
  };
}
