// The command line from end to end on real programs: record, look, ask, replay.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect } from 'vitest';
import schema from '../../docs/json.schema.json' with { type: 'json' };
import { cli, isSentence } from '../support/cli.ts';
import { schemaErrors } from '../support/json-schema.ts';
import { randomFrom } from '../support/toy-recording.ts';
import { guestPath, testWith } from '../support/tools.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-record-'));
});

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('record', () => {
  testWith(['guest:counter'], 'reports as many hits as the program stores, and events lists them with old and new', async () => {
    const run = await cli(['record', '-e', 'mem:counter/8:w', '-o', at('c.trapline'), '--', guestPath('counter')]);
    expect(run).toMatchObject({ status: 0, out: expect.stringMatching(/^counter \d+\n$/) as string });
    expect(run.error).toMatch(/^ +25 {6}mem:counter\/8:w$/m);
    expect(run.error).toMatch(/exit status 0/);
    const listed = lines((await cli(['events', at('c.trapline'), '--kind', 'watchpoint-hit', '--format', 'json'])).out);
    expect(listed).toHaveLength(25);
    const chain = listed.map((hit) => hit['new']);
    expect(listed.map((hit) => hit['old'])).toEqual(['0x0', ...chain.slice(0, -1)]);
    expect(chain.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, i) => `0x${i.toString(16)}`));
    expect(listed.every((hit) => hit['event'] === 'mem:counter/8:w' && hit['access'] === 'w' && hit['reported'] === 'before')).toBe(true);
    expect(listed.some((hit) => String(hit['symbol']).startsWith('bump'))).toBe(true);
  });

  testWith(['guest:counter'], 'the same request makes the same file', async () => {
    for (const name of ['1', '2']) await cli(['record', '-o', at(`same${name}.trapline`), '--', guestPath('counter')]);
    expect(readFileSync(at('same1.trapline')).equals(readFileSync(at('same2.trapline')))).toBe(true);
  });

  testWith(['guest:counter'], 'replay prints what the program printed; --verify finds no divergence', async () => {
    await cli(['record', '-e', 'mem:counter/8:w', '-o', at('v.trapline'), '--', guestPath('counter')]);
    const replayed = await cli(['replay', at('v.trapline')]);
    expect(replayed).toMatchObject({ status: 0, out: expect.stringMatching(/^counter \d+\n$/) as string });
    expect(replayed.error).toMatch(/as recorded/);
    const verified = await cli(['replay', '--verify', at('v.trapline')]);
    expect(verified).toMatchObject({ status: 0, out: expect.stringMatching(/verified.*no divergence/) as string });
  });

  testWith(['guest:counter'], 'hits and last-write answer what nobody watched', async () => {
    await cli(['record', '-o', at('u.trapline'), '--', guestPath('counter')]);
    const found = lines((await cli(['hits', at('u.trapline'), '-e', 'mem:counter/8:w', '--json'])).out);
    expect(found).toHaveLength(25);
    const last = lines((await cli(['last-write', at('u.trapline'), 'counter/8', '--json'])).out);
    expect(last).toHaveLength(1);
    expect(last[0]!['mark']).toBe(found.at(-1)!['mark']);
    const earlier = lines((await cli(['last-write', at('u.trapline'), 'counter/8', '--before', String(found[7]!['mark']), '--json'])).out);
    expect(earlier[0]!['mark']).toBe(found[6]!['mark']);
  });

  testWith(['guest:counter'], 'state shows registers at a hit and at a symbol', async () => {
    await cli(['record', '-e', 'mem:counter/8:w', '-o', at('s.trapline'), '--', guestPath('counter')]);
    const text = await cli(['state', at('s.trapline'), '--at', 'bump']);
    expect(text.out).toMatch(/CPU 0: EL0, task \d+, pc 0x[0-9a-f]+ bump\n/);
    const json = lines((await cli(['state', at('s.trapline'), '--at', 'main', '--json'])).out)[0]!;
    expect((json['cpus'] as { symbol: string }[])[0]!.symbol).toBe('main');
  });

  testWith(['guest:counter'], 'why lists the conditions of a hit, and of an access nobody made', async () => {
    const file = at('w.trapline');
    await cli(['record', '-e', 'mem:counter/8:w', '-o', file, '--', guestPath('counter')]);
    const [hit] = lines((await cli(['events', file, '--kind', 'watchpoint-hit', '--json'])).out);
    const [said] = lines((await cli(['why', file, '--at', String(hit!['mark']), '--json'])).out);
    expect(said).toMatchObject({
      verdict: 'hit',
      file: 'WRP',
      slot: 0,
      event: 'mem:counter/8:w',
      address: hit!['address'],
      size: 8,
      access: 'w',
    });
    expect((said!['conditions'] as { ok: boolean }[]).map((condition) => condition.ok)).toEqual(Array(7).fill(true));
    const text = await cli(['why', file, '--at', String(hit!['mark']), '--access', 'mem:counter/8:r']);
    expect(text.status).toBe(0);
    expect(text.out).toMatch(
      /WRP0 mem:counter\/8:w: no-hit[\s\S]*✗ loads or stores are selected \(LSC\) +#\d+\.\d+ install\n +LSC 10 selects stores; this is a load\n/,
    );
    for (const wrong of [
      ['--slot', 'first'],
      ['--slot', '99'],
      ['--cpu', 'x'],
      ['--cpu', '9'],
      ['--access', 'counter/8:rw'],
      ['--access', 'nobody'],
    ]) {
      const run = await cli(['why', file, ...wrong]);
      expect([wrong, run.status, isSentence(run.error)]).toEqual([wrong, 2, true]);
    }
  });

  testWith(['guest:counter'], 'every format of events is one line an event', async () => {
    await cli(['record', '-e', 'mem:counter/8:w', '-o', at('f.trapline'), '--', guestPath('counter')]);
    for (const format of ['perf-script', 'ftrace', 'table']) {
      const { out, status } = await cli(['events', at('f.trapline'), '--kind', 'watchpoint-hit', '--format', format]);
      expect(status).toBe(0);
      expect(out.split('\n').filter((line) => line !== '' && !/^(#\D|#$|MARK)/.test(line))).toHaveLength(25);
    }
  });

  testWith(['guest:ledger'], 'all JSON printed is what docs/json.schema.json says', async () => {
    const file = at('json.trapline');
    await cli(['record', '-e', 'mem:pool+0x20/8:w', '--cpus', '2', '-o', file, '--', guestPath('ledger')]);
    const printed = [
      ...lines((await cli(['events', file, '--json'])).out),
      ...lines((await cli(['state', file, '--at', '!50', '--json'])).out),
      ...lines((await cli(['hits', file, '-e', 'mem:pool/32:rw', '--json'])).out),
      ...lines((await cli(['last-write', file, 'pool+0x20/8', '--json'])).out),
      ...lines((await cli(['why', file, '--at', 'deposit', '--json'])).out),
      ...lines((await cli(['why', file, '--at', '!50', '--access', 'pool+0x20/8:r', '--slot', 'WRP3', '--json'])).out),
    ];
    expect(printed.length).toBeGreaterThan(300);
    for (const line of printed) expect(schemaErrors(line, schema)).toEqual([]);
  });

  testWith(['guest:cat'], 'standard input is part of the recording', async () => {
    const text = 'one line\nanother\n';
    const run = await cli(['record', '-o', at('cat.trapline'), '--', guestPath('cat')], { stdin: text });
    expect(run).toMatchObject({ status: 0, out: `${text}17 bytes\n` });
    expect((await cli(['replay', at('cat.trapline')])).out).toBe(run.out);
    expect((await cli(['replay', '--verify', at('cat.trapline')])).status).toBe(0);
    writeFileSync(at('in.txt'), text);
    expect((await cli(['record', '-o', at('cat2.trapline'), '--stdin', at('in.txt'), '--', guestPath('cat')])).out).toBe(run.out);
  });

  testWith(['guest:crash-segv'], 'a crash is an ordinary ending; --exit-status passes it on', async () => {
    const run = await cli(['record', '-o', at('segv.trapline'), '--', guestPath('crash-segv')]);
    expect(run.status).toBe(0);
    expect(run.error).toMatch(/killed by SIGSEGV/);
    expect((await cli(['record', '--exit-status', '-o', at('segv.trapline'), '--', guestPath('crash-segv')])).status).toBe(139);
    expect((await cli(['replay', '--verify', at('segv.trapline')])).status).toBe(0);
  });

  testWith(['guest:endless'], 'an endless loop ends by --max-icount or Ctrl-C, and both can be walked', async () => {
    const run = await cli(['record', '--max-icount', '3_000_000', '-o', at('end.trapline'), '--', guestPath('endless')]);
    expect(run.status).toBe(0);
    expect(run.error).toMatch(/3,000,000 {6}instructions[\s\S]*stopped by --max-icount/);
    expect((await cli(['replay', '--verify', at('end.trapline')])).status).toBe(0);
    const pressed = await cli(['record', '-o', at('ctrl-c.trapline'), '--', guestPath('endless')], {
      interrupt: (press) => setTimeout(press, 300),
    });
    expect(pressed.status).toBe(0);
    expect(pressed.error).toMatch(/stopped by you/);
    expect((await cli(['state', at('ctrl-c.trapline'), '--at', '!50'])).status).toBe(0);
  });
});

describe('bad input', () => {
  testWith(['guest:counter'], 'events that cannot be are told why', async () => {
    for (const [event, sentence] of [
      ['mem:countre/8:w', /no symbol 'countre'; did you mean counter\?/],
      ['mem:counter/16:w', /too long/],
      ['mem:counter+4/8:w', /unaligned/],
      ['mem:counter/8:z', /'z' is not an access/],
    ] as const) {
      const run = await cli(['record', '-e', event, '-o', at('x.trapline'), '--', guestPath('counter')]);
      expect(run.error).toMatch(sentence);
      expect(isSentence(run.error)).toBe(true);
      expect(run.status).toBe(2);
    }
  });

  testWith(['guest:counter'], 'a fifth watchpoint is refused, naming who holds the slots', async () => {
    const events = [0, 1, 2, 3, 4].flatMap((i) => ['-e', `mem:0x${(0x4a0000 + i * 16).toString(16)}/8:w`]);
    const run = await cli(['record', ...events, '-o', at('five.trapline'), '--', guestPath('counter')]);
    expect(run.error).toMatch(/ENOSPC/);
    expect(run.error).toMatch(/mem:0x4a0000\/8:w/);
  });

  testWith(['guest:counter'], 'a symbol, Mark or kind a recording does not have is told', async () => {
    await cli(['record', '-o', at('q.trapline'), '--', guestPath('counter')]);
    for (const [args, sentence] of [
      [['state', at('q.trapline'), '--at', '#999999999999'], /after the end of the recording, #\d+/],
      [['state', at('q.trapline'), '--at', 'mian'], /no symbol 'mian'; did you mean main/],
      [['state', at('q.trapline'), '--at', '!101'], /ends at !100/],
      [['last-write', at('q.trapline'), 'countr'], /no symbol 'countr'/],
      [['hits', at('q.trapline'), '-e', 'mem:countr/8:w'], /no symbol 'countr'/],
    ] as const) {
      const run = await cli(args);
      expect(run.error).toMatch(sentence);
      expect(isSentence(run.error), run.error).toBe(true);
      expect(run.status).toBe(2);
    }
  });

  testWith(['guest:counter'], 'a recording cut short or with flipped bits is a sentence, whatever is asked of it', async () => {
    const file = at('whole.trapline');
    await cli(['record', '-e', 'mem:counter/8:w', '-o', file, '--', guestPath('counter')]);
    const whole = readFileSync(file);
    const seed = Number(process.env['TRAPLINE_SEED'] ?? 8_675_309);
    const random = randomFrom(seed);
    const verbs = [
      ['events', '--kind', 'output'],
      ['state', '--at', '#100'],
      ['replay', '--verify'],
    ] as const;
    for (let i = 0; i < 60; i++) {
      const broken = i % 3 === 0 ? whole.subarray(0, Math.floor(random() * whole.length)) : Buffer.from(whole);
      if (i % 3 !== 0) {
        const bit = Math.floor((i % 3 === 1 ? random() * 4096 : whole.length - 4096 + random() * 4096) * 8);
        broken[bit >> 3]! ^= 1 << (bit & 7);
      }
      writeFileSync(at('broken.trapline'), broken);
      const [verb, ...rest] = verbs[i % verbs.length]!;
      const run = await cli([verb, at('broken.trapline'), ...rest]);
      const context = `seed ${seed}, case ${i}: ${run.error}`;
      if (run.status === 0) continue; // a bit nobody reads, such as a date of the ZIP
      expect([2, 3], context).toContain(run.status);
      expect(isSentence(run.error), context).toBe(true);
      expect(run.error, context).toContain('broken.trapline');
    }
  });

  testWith(['aarch64-linux-gnu-gcc'], 'a dynamic executable is told how to link, another architecture is named', async () => {
    writeFileSync(at('d.c'), 'int main(void) { return 0; }\n');
    execFileSync('aarch64-linux-gnu-gcc', ['-o', at('dynamic'), at('d.c')]);
    const dynamic = await cli(['record', '--', at('dynamic')]);
    expect(dynamic.error).toMatch(/dynamic.*-static/);
    expect(dynamic.status).toBe(2);
    const foreign = await cli(['record', '--', process.execPath]);
    expect(foreign.error).toMatch(/x86-64/);
    expect(foreign.status).toBe(2);
  });
});
