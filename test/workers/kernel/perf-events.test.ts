// Breakpoint events on real programs: -e events over fork, threads and CPUs, kernel accesses, execute breakpoints, refusals.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EventKind, TraceEvent } from '../../../recordings/format/events.ts';
import { parseElf } from '../../../workers/base/elf.ts';
import { createMachine } from '../../../workers/kernel/create-machine.ts';
import type { MachineConfig } from '../../../workers/machine/machine-api.ts';

function compile(source: string): Uint8Array {
  const dir = mkdtempSync(join(tmpdir(), 'trapline-'));
  writeFileSync(join(dir, 'a.c'), source);
  execFileSync('aarch64-linux-gnu-gcc', ['-O1', '-static', '-pthread', '-o', join(dir, 'a'), join(dir, 'a.c')]);
  return new Uint8Array(readFileSync(join(dir, 'a')));
}

interface Spec {
  readonly symbol: string;
  readonly offset?: number;
  readonly length: number;
  readonly type: number;
}

function record(program: Uint8Array, specs: readonly Spec[], more: Partial<MachineConfig> = {}) {
  const elf = parseElf(program, '/a');
  if (!elf.ok) throw new Error(elf.error);
  const events = specs.map((s) => ({
    text: `mem:${s.symbol}${s.offset ? `+${s.offset}` : ''}/${s.length}`,
    address: BigInt(elf.value.symbols.byName(s.symbol)!.address + (s.offset ?? 0)),
    length: s.length,
    type: s.type,
  }));
  const made = createMachine({
    arch: 'aarch64',
    cpus: 2,
    seed: 3,
    ramBytes: 64 << 20,
    policies: {},
    brps: 6,
    wrps: 4,
    program: { path: '/a', argv: ['/a'], env: [], files: new Map([['/a', { data: program, mode: 0o755 }]]) },
    events,
    ...more,
  });
  if (!made.ok) return { error: made.error, events: [] as TraceEvent[], of: () => [] as never[] };
  const out: TraceEvent[] = [];
  made.value.onEvent = (e) => out.push(e);
  made.value.onPatch = (index, fields) => Object.assign(out[index]!.fields, fields);
  const stop = made.value.run(null, 50_000_000);
  return { error: null, stop, events: out, of: <K extends EventKind>(kind: K) => out.filter((e) => e.kind === kind) as TraceEvent<K>[] };
}

const WORKERS = `
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
volatile long shared;
static void *work(void *n) { for (int i = 0; i < 25; i++) { shared += (long)n; for (volatile int k = 0; k < 3000; k++); } return 0; }
int main(void) {
  pthread_t t[3];
  for (long n = 0; n < 3; n++) pthread_create(&t[n], 0, work, (void *)(n + 1));
  for (int n = 0; n < 3; n++) pthread_join(t[n], 0);
  if (fork() == 0) { shared = -1; _exit(0); }
  wait(0);
  return 0;
}`;

test('an event is inherited by threads and children, moves with its task, and every hit steps over and re-arms', () => {
  const r = record(compile(WORKERS), [{ symbol: 'shared', length: 8, type: 2 }]);
  expect(r.stop).toEqual({ kind: 'exited', code: 0, signal: null });
  const hits = r.of('watchpoint-hit');
  expect(hits.length).toBe(76);
  expect(new Set(hits.map((h) => h.tid)).size).toBe(5 - 1); // three threads and the child; main itself never stores
  expect(hits.at(-1)!.fields.new).toBe(0xffff_ffff_ffff_ffffn);
  expect(hits.every((h) => h.fields.counted)).toBe(true);
  // Each hit: suspended, stepped over, put back, each naming its cause.
  for (const hit of hits) {
    const index = r.events.indexOf(hit);
    const suspend = r.events.find((e, i) => i > index && e.kind === 'suspend' && e.cause === index);
    const step = r.events.findIndex((e, i) => i > index && e.kind === 'step-over' && e.cause === index);
    const again = r.events.find((e, i) => i > step && e.kind === 'reinstall' && e.cause === step);
    expect([suspend?.kind, r.events[step]?.kind, again?.kind]).toEqual(['suspend', 'step-over', 'reinstall']);
  }
  expect(r.of('reinstall').some((e) => e.fields.reason === 'switched' || e.fields.reason === 'moved')).toBe(true);
  expect(r.of('slot-reserve').length).toBe(5);
});

const STORES = `
#include <string.h>
#include <unistd.h>
char area[64] __attribute__((aligned(64)));
__attribute__((noinline)) void callee(void) { __asm__ volatile(""); }
int main(void) {
  int fds[2];
  pipe(fds);
  write(fds[1], "0123456789abcdef", 16);
  read(fds[0], area + 8, 16);
  *(volatile char *)(area + 16) = 'x';
  *(volatile short *)(area + 15) = 0x4141;
  for (int i = 0; i < 5; i++) callee();
  __asm__ volatile("stp %0, %0, [%1]" :: "r"(0x1122334455667788ul), "r"(area + 8) : "memory");
  return area[16];
}`;

test('what the kernel writes for the program is a hit that is not counted; partial overlaps and pairs hit once', () => {
  const r = record(compile(STORES), [{ symbol: 'area', offset: 16, length: 8, type: 2 }]);
  const hits = r
    .of('watchpoint-hit')
    .map((e) => [Number(e.fields.address % 64n), e.fields.size, e.fields.counted, e.fields.new.toString(16)]);
  expect(hits).toEqual([
    [16, 8, false, '6665646362613938'],
    [16, 1, true, '78'],
    [15, 2, true, '4141'],
    [16, 8, true, '1122334455667788'],
  ]);
});

test('an execute breakpoint hits before each call and the program goes on', () => {
  const r = record(compile(STORES), [{ symbol: 'callee', length: 4, type: 4 }]);
  expect(r.of('breakpoint-hit').length).toBe(5);
  expect(r.stop).toEqual({ kind: 'exited', code: 0x88, signal: null });
});

test('a read watchpoint sees loads only, a write watchpoint stores only, both on one doubleword', () => {
  const source = 'volatile long v; int main(void) { long a = v; a += v; v = a; v = 2; return (int)v; }';
  const r = record(compile(source), [
    { symbol: 'v', length: 8, type: 1 },
    { symbol: 'v', length: 8, type: 2 },
  ]);
  expect(r.of('watchpoint-hit').map((e) => `${e.fields.slot}${e.fields.access}`)).toEqual(['0r', '0r', '1w', '1w', '0r']);
});

test('a fifth watchpoint on a CPU with four is refused with -ENOSPC, naming who holds the slots', () => {
  const specs = [0, 8, 16, 24, 32].map((offset) => ({ symbol: 'area', offset, length: 8, type: 2 }));
  const { error } = record(compile(STORES), specs);
  expect(error).toContain("event 'mem:area+32/8': -ENOSPC");
  for (const name of ['mem:area/8', 'mem:area+8/8', 'mem:area+16/8', 'mem:area+24/8']) expect(error).toContain(name);
});

test('a watch over the end of its doubleword covers the bytes inside only, as the kernel has it', () => {
  const source =
    'char a[32] __attribute__((aligned(16))); int main(void) { *(volatile char *)(a + 8) = 1; *(volatile char *)(a + 7) = 1; return 0; }';
  const r = record(compile(source), [{ symbol: 'a', offset: 6, length: 4, type: 2 }]);
  expect(r.of('watchpoint-hit').length).toBe(1);
});

test('an atomic reads: a watch on reads hits it, after plain stores to the page too', () => {
  const source = `long a[2];
int main(void) {
  for (int i = 0; i < 5; i++) {
    ((volatile long *)a)[1] = i;
    __asm__ volatile(".arch armv8.1-a\\n ldadd %0, x9, [%1]\\n swp %0, x9, [%1]\\n cas %0, x9, [%1]" ::"r"(1L), "r"(a) : "x9", "memory");
  }
  return 0;
}`;
  const r = record(compile(source), [{ symbol: 'a', length: 8, type: 1 }]);
  expect(r.of('watchpoint-hit').map((h) => h.fields.access)).toEqual(Array(15).fill('r'));
});

const ABI = `RO read 1 write 1
WO read 0 write 1
RW read 1 write 2
modify: 1 ok 1 2 2
period may not change: EINVAL
length 9: EINVAL
wps 4 then ENOSPC
to X: ok
one more: ok
read 32 value 1 times 1 id 1 short ENOSPC
size 32: E2BIG, kernel says 1
type 0: EINVAL
no pid: ESRCH
all: EINVAL
inherit_thread: EINVAL
kernel address: EINVAL
hardware: ENOENT
disabled elsewhere: stays
moved elsewhere: ok stays
cpu0 3 cpu1 5
with the child: 3
`;

test.each(['slot-first', 'control-first'])("the kernel's own perf tests and errors, uninstalling %s", (order) => {
  const program = compile(readFileSync(join(import.meta.dirname, '../../guest/perf-abi.c'), 'utf8'));
  const r = record(program, [], { policies: { 'arm64.uninstall': order } });
  const text = r.of('output').map((e) => new TextDecoder().decode(e.fields.data));
  expect(text.join('')).toBe(ABI);
});
