// What the command line says before any machine runs: help that teaches, mistakes that name the option and the way out, exit 2.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { VERBS } from '../../main/cli/verbs.ts';
import { cli, isSentence } from '../support/cli.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'trapline-usage-'));
  writeFileSync(join(folder, 'hello.txt'), 'hello\n');
  writeFileSync(join(folder, 'empty'), '');
  writeFileSync(join(folder, 'cut.elf'), new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]));
});

describe('help', () => {
  test('without a verb lists every verb', async () => {
    const run = await cli(['--help']);
    expect(run.status).toBe(0);
    for (const { verb } of VERBS) expect(run.out).toContain(`\n  ${verb}`);
    expect(run.out).toMatchSnapshot();
  });

  test.each(VERBS.map((row) => row.verb))('%s', async (verb) => {
    const run = await cli([verb, '--help']);
    expect(run).toMatchObject({ status: 0, error: '' });
    expect(run.out).toMatchSnapshot();
    for (const line of run.out.split('\n')) expect(line.length).toBeLessThanOrEqual(150);
  });
});

describe('mistakes', () => {
  test.each([
    [['recrod'], /unknown verb 'recrod'; did you mean record\?/],
    [['--frobnicate'], /unknown option '--frobnicate'/],
    [['explore'], /'explore' is not implemented yet/],
    [['record'], /something is missing: trapline record/],
    [['record', '--sed', '1', '--', 'x'], /unknown option '--sed'; did you mean --seed\?/],
    [['record', '--seed'], /--seed needs a value/],
    [['record', '--seed', 'many', '--', 'x'], /--seed 'many' is not possible; use a whole number from 0/],
    [['record', '--seed', '1', '--seed', '2', '--', 'x'], /--seed is given twice/],
    [['record', '--cpus', '9', '--', 'x'], /--cpus '9' is not possible.*1 to 8/],
    [['record', '--max-icount', '0', '--', 'x'], /--max-icount '0' is not possible/],
    [['record', '--arch', 'ppc64le', '--', 'x'], /--arch 'ppc64le' is not there yet/],
    [['record', '--env', 'NOVALUE', '--', 'x'], /write KEY=VALUE/],
    [['record', '--exit-status=1', '--', 'x'], /--exit-status takes no value/],
    [['record', '--', 'no-such-program'], /no-such-program: there is no such file/],
    [['record', '--', 'DIR'], /it is a folder, not a file/],
    [['record', '--', 'DIR/hello.txt'], /hello\.txt: not an ELF/],
    [['record', '--', 'DIR/empty'], /empty: not an ELF/],
    [['record', '--', 'DIR/cut.elf'], /cut\.elf: .*cut off/],
    [['replay'], /something is missing/],
    [['replay', 'a', 'b'], /one argument too many/],
    [['replay', 'DIR/nothing.trapline'], /there is no such file/],
    [['replay', 'DIR/hello.txt'], /hello\.txt is only 6 bytes long/],
    [['events', 'DIR/empty'], /empty is only 0 bytes long/],
    [['events', 'x', '--kind', 'watchpoint'], /--kind 'watchpoint' is not known; did you mean watchpoint-hit/],
    [['events', 'x', '--format', 'xml'], /--format 'xml' is not known; use table, json/],
    [['last-write', 'x'], /something is missing/],
    [['last-write', 'x', 'a/b/c'], /is not an address/],
    [['hits', 'DIR/hello.txt'], /no event is given/],
  ])('%j', async (args, sentence) => {
    const run = await cli((args as string[]).map((arg) => arg.replace('DIR', folder)));
    expect(run.error).toMatch(sentence);
    expect(isSentence(run.error), run.error).toBe(true);
    expect(run.status).toBe(2);
    expect(run.out).toBe('');
  });

  test('a folder that does not exist is noticed before the program runs', async () => {
    const run = await cli(['record', '-o', join(folder, 'no', 'such', 'r.trapline'), '--', join(folder, 'hello.txt')]);
    expect(run.status).toBe(2);
  });
});
