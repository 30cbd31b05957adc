// Whole programs on the machine against qemu-aarch64, and against what their comments promise where QEMU cannot run them.
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../workers/machine/machine.ts';
import { createMachine } from '../../../workers/kernel/create-machine.ts';
import type { KernelRecords } from '../../../workers/kernel/records.ts';
import { eventsOf, guestConfig, runBusybox, runNamed } from '../../support/run-guest.ts';
import { guestPath, testWith } from '../../support/tools.ts';

const levels = (name: string): string[] => ['o0', 'o1', 'o2', 'o3'].map((level) => `${name}.${level}`);
const SAME_AS_QEMU = [
  'tiny',
  'counter',
  'counter.pie',
  'cat',
  'mutex',
  'signals',
  'malloc',
  'mm',
  'files',
  'interrupted',
  'ledger',
  'crash-segv',
  'crash-ill',
  'crash-stack',
];
const SIGNALS: Readonly<Record<string, number>> = { SIGABRT: 6, SIGSEGV: 11, SIGILL: 4 };

describe('a program ends and writes as under qemu-aarch64', () => {
  for (const name of [...SAME_AS_QEMU, ...levels('integers'), ...levels('strings'), ...levels('printf-float')]) {
    testWith(['qemu-aarch64', `guest:${name}`], name, () => {
      const stdin = name === 'cat' ? 'a line\nand another\n'.repeat(100) : '';
      const qemu = spawnSync('qemu-aarch64', [guestPath(name)], { input: stdin, encoding: 'latin1', timeout: 60_000 });
      const run = runNamed(name, { stdin });
      expect(run.stdout).toBe(qemu.stdout);
      const status =
        qemu.signal === null ? { code: qemu.status, signal: null } : { code: 128 + SIGNALS[qemu.signal]!, signal: qemu.signal };
      expect(run.stop).toEqual({ kind: 'exited', ...status });
      expect(eventsOf(run, 'unknown-syscall')).toEqual([]);
    });
  }
});

describe('processes', () => {
  testWith(['guest:fork-pipe'], 'fork, pipes, exec, wait, shared memory and files do what POSIX says', () => {
    const run = runNamed('fork-pipe');
    expect(run.stdout.split('\n')).toEqual([
      'private 1 shared 2 status 2',
      'child read 208890 bytes, HOME=/nowhere',
      'exec status 9',
      'killed 1 by 15',
      'no child: -1 No child processes',
      "read 4 'file'",
      'size 5 mode 100640 links 1',
      'through the map: Jello, beyond: 0',
      'old name: -1 No such file or directory',
      'link b, through it 1',
      'entries 4, rmdir -1 Directory not empty',
      'rmdir 0, open -1 No such file or directory',
      'null 1 zero 8',
      '',
    ]);
    expect(eventsOf(run, 'exec').map((e) => e.fields.path)).toEqual(['/fork-pipe', '/fork-pipe']);
    expect(eventsOf(run, 'fork')).toHaveLength(3);
  });

  testWith(['guest:threads'], 'what pthreads rest on works: conditions, locks, cancellation, robust mutexes, poll, timers', () => {
    for (const [seed, cpus] of [
      [1, 1],
      [2, 2],
      [3, 4],
    ] as const) {
      const run = runNamed('threads', { seed, cpus });
      expect(run.stdout.split('\n'), `seed ${seed}, ${cpus} CPUs`).toEqual([
        'consumed 44850',
        'timed wait: Connection timed out',
        'shared 400 odd 0 once 1 destroyed 4',
        'cancelled 1 cleaned 1',
        'robust: Owner died, then 0',
        'signalled 10',
        'poll 1 0 4, alone 0',
        "poll later 1 read 4 'late'",
        'select 1 1 0',
        'hang-up 1 10',
        'timer 1',
        'nap 1',
        '',
      ]);
    }
  });

  testWith(['guest:exec-threads'], 'exec ends the other threads, stop and continue act on all of them', () => {
    for (const cpus of [1, 3]) {
      const run = runNamed('exec-threads', { cpus, seed: cpus });
      const expected = 'from the first|status 14|from a thread|status 13|stopped 1 by 19|continued 1|killed by 9|';
      expect(run.stdout.replaceAll('\n', '|')).toBe(expected);
    }
  });

  testWith(['guest:race'], 'the outcome of a data race depends on the seed and on nothing else', () => {
    const outcome = (seed: number): string => runNamed('race', { seed }).stdout;
    const seeds = [1, 2, 3, 4, 5];
    const first = seeds.map(outcome);
    expect(seeds.map(outcome)).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
  });

  testWith(['guest:mutex'], 'a mutex holds whatever the seed and the number of CPUs', () => {
    for (const cpus of [1, 2, 4]) {
      for (const seed of [1, 2, 3])
        expect(runNamed('mutex', { seed, cpus }).stdout).toBe('mutex 5000 spin 5000 atomic 5000 returned 5000 main 0\n');
    }
  });

  testWith(['guest:endless'], 'an endless loop stops where it is told to', () => {
    const run = runNamed('endless', { maxIcount: 1_000_000 });
    expect(run.stop).toEqual({ kind: 'target' });
    expect(run.machine.mark).toEqual({ icount: 1_000_000, event: 0 });
    expect(run.stdout).toBe('before\n');
  });

  testWith(['guest:crash-segv'], 'a fault is the cause of its signal, and the signal of the end', () => {
    const run = runNamed('crash-segv');
    const signal = eventsOf(run, 'signal')[0]!;
    expect(signal.fields).toMatchObject({ signal: 'SIGSEGV', code: 1, address: 8n, action: 'terminated' });
    expect(run.events[signal.cause]).toMatchObject({ kind: 'exception', fields: { class: 'data abort', far: 8n } });
    const exit = eventsOf(run, 'exit')[0]!;
    expect(exit.fields).toMatchObject({ signal: 'SIGSEGV', group: true });
    expect(run.events[exit.cause]).toBe(signal);
  });

  testWith(['guest:counter'], 'system calls read as strace would show them', () => {
    const run = runNamed('counter');
    const lines = eventsOf(run, 'syscall').map((e) => `${e.fields.name}(${e.fields.args}) = ${e.fields.result}`);
    expect(lines).toContain('write(1, "counter 55\\n", 11) = 11');
    expect(lines.find((l) => l.startsWith('brk('))).toMatch(/^brk\(NULL\) = 0x[0-9a-f]+$/);
  });
});

describe('standard input', () => {
  testWith(['guest:cat'], 'a program that waits for input stops the machine, and nobody can tell afterwards', () => {
    const chunks = ['first ', 'second\n'];
    const machineWith = (): Machine => {
      const made = createMachine(guestConfig(guestPath('cat')));
      if (!made.ok) throw new Error(made.error);
      return made.value as Machine;
    };
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const paused = machineWith();
    let waiting = true;
    let next = 0;
    paused.input = {
      stdin: () => {
        if (waiting) return 'pause';
        waiting = true;
        return next < chunks.length ? bytes(chunks[next++]!) : 'eof';
      },
    };
    for (let i = 0; i < 3; i++) {
      expect(paused.run(null)).toEqual({ kind: 'input' });
      expect(paused.run(null)).toEqual({ kind: 'input' });
      waiting = false;
    }
    expect(paused.run(null)).toEqual({ kind: 'exited', code: 0, signal: null });
    const straight = machineWith();
    let at = 0;
    straight.input = { stdin: () => (at < chunks.length ? bytes(chunks[at++]!) : 'eof') };
    straight.run(null);
    expect({ mark: paused.mark, digest: paused.digest() }).toEqual({ mark: straight.mark, digest: straight.digest() });
  });
});

describe('state', () => {
  testWith(['busybox'], 'processes that have ended leave nothing behind', () => {
    const left = (rounds: number): unknown => {
      const script = `i=0; while [ $i -lt ${rounds} ]; do (echo $i | cat >/dev/null); x=$(ls /tmp); echo hi >/tmp/f; mkdir -p /tmp/q/r; rm -r /tmp/q /tmp/f; sleep 0.001 & wait; cat /proc/self/maps >/dev/null; i=$((i+1)); done; exec sleep 0`;
      const machine = runBusybox(['sh', '-c', script], { ramBytes: 64 << 20 }).machine as Machine;
      const records = machine.kernel.records as KernelRecords;
      const sizes = (['tasks', 'groups', 'mms', 'inodes', 'files', 'file_tables', 'fs_contexts', 'sighands', 'futexes'] as const).map(
        (k) => [k, records[k].size],
      );
      return { free: machine.mem.freePages, timers: records.timers.length, ...Object.fromEntries(sizes) };
    };
    expect(left(20)).toEqual(left(3));
  });

  for (const name of ['fork-pipe', 'signals', 'mutex']) {
    testWith([`guest:${name}`], `${name}: frames made again after every kernel step change nothing`, () => {
      const plain = runNamed(name);
      const made = createMachine(guestConfig(guestPath(name)));
      if (!made.ok) throw new Error(made.error);
      const machine = made.value as Machine;
      machine.kernel.restoreAlways = true;
      machine.run(null);
      expect({ mark: machine.mark, digest: machine.digest() }).toEqual({ mark: plain.machine.mark, digest: plain.machine.digest() });
    });

    testWith([`guest:${name}`], `${name}: restored at random Marks it runs to the same state`, () => {
      const made = createMachine(guestConfig(guestPath(name)));
      if (!made.ok) throw new Error(made.error);
      const machine = made.value;
      const start = machine.save();
      machine.run(null);
      const end = machine.mark.icount;
      let state = 20261121;
      const random = (n: number): number => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) % n;
      };
      for (let round = 0; round < 8; round++) {
        const from = random(end);
        const to = from + 1 + random(Math.min(end - from, 100_000));
        machine.restore(start);
        machine.run({ icount: from, event: 0 });
        const saved = machine.save();
        const at = machine.digest();
        machine.run({ icount: to, event: 0 });
        const there = machine.digest();
        machine.restore(saved);
        expect(machine.digest(), `seed 20261121, round ${round}: back at #${from}`).toEqual(at);
        while (machine.mark.icount < to && machine.ended === null)
          machine.run({ icount: Math.min(to, machine.mark.icount + 1 + random(3000)), event: 0 });
        expect(machine.digest(), `seed 20261121, round ${round}: #${from} to #${to} in pieces`).toEqual(there);
      }
    });
  }
});

test('what is not a program for this machine is refused before anything runs', () => {
  const x86 = new Uint8Array(120);
  x86.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  x86.set([2, 0, 62, 0], 16);
  const files = new Map([['/prog', { data: x86, mode: 0o755 }]]);
  const program = { path: '/prog', argv: ['/prog'], env: [], files };
  const base = { arch: 'aarch64', cpus: 1, seed: 1, ramBytes: 16 << 20, policies: {}, brps: 6, wrps: 4, events: [] } as const;
  expect(createMachine({ ...base, program })).toEqual({
    ok: false,
    error: '/prog: built for x86-64, not AArch64; build it with aarch64-linux-gnu-gcc -static',
  });
  expect(createMachine({ ...base, program: { ...program, path: '/other' } })).toEqual({
    ok: false,
    error: '/other: the image does not contain this program',
  });
});
