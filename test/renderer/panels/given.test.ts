import { describe, expect, test } from 'vitest';
import { cleanPath, fileProblems, guestPathOf, readEnvironment } from '../../../renderer/panels/record/given.ts';
import { fieldErrors, type RecordForm, requestOf } from '../../../renderer/panels/record/model.ts';

const data = new Uint8Array([1, 2]);
const file = (path: string) => ({ name: 'x', path, data });
const form = (part: Partial<RecordForm>): RecordForm => ({
  program: { name: 'my prog', data },
  args: '',
  seed: '1',
  cpus: '1',
  stdin: '',
  files: [],
  env: '',
  watches: [''],
  maxIcount: '',
  ...part,
});

describe('what a program is given', () => {
  test('a file is found in / under its own name, wherever the host keeps it', () => {
    expect(guestPathOf('in.txt')).toBe('/in.txt');
    expect(guestPathOf('C:\\data\\in.txt')).toBe('/in.txt');
    expect(cleanPath(' data//./in.txt ')).toEqual({ ok: true, value: '/data/in.txt' });
    for (const bad of ['', '/', '/a/../b', 'a\0b', `/${'x'.repeat(5000)}`]) expect(cleanPath(bad).ok).toBe(false);
  });

  test('two files at one path, one at the program, and one where another needs a directory are said', () => {
    expect(fileProblems([file('/a'), file('b'), file('//b/'), file('/p'), file('/a/c')], '/p')).toEqual([
      '/a is the directory of another file.',
      null,
      'Another file is /b already.',
      '/p is the program itself.',
      null,
    ]);
  });

  test('environment lines keep what is after the equals sign, and mistakes name their line', () => {
    expect(readEnvironment('A=1\r\n\n  B= x = y \nC=')).toEqual({ ok: true, value: ['A=1', 'B= x = y ', 'C='] });
    expect(readEnvironment('A=1\nB')).toEqual({ ok: false, error: 'Line 2 is not NAME=value.' });
    expect(readEnvironment('=1').ok).toBe(false);
    expect(readEnvironment('A=1\nA=2')).toEqual({ ok: false, error: 'Line 2 gives A again.' });
  });

  test('a form with a mistake cannot be recorded; one without asks for exactly what was given', () => {
    expect(fieldErrors(form({ env: 'x' })).env).toContain('Line 1');
    expect(fieldErrors(form({ files: [file('/my-prog')] })).files).toContain('the program itself');
    const good = form({ files: [file('in/f')], env: 'LANG=C', stdin: 'one\ntwo\n' });
    expect(fieldErrors(good)).toEqual({});
    expect(requestOf(good)).toMatchObject({
      env: ['LANG=C'],
      files: [{ path: '/in/f', data, mode: 0o755 }],
      stdin: new TextEncoder().encode('one\ntwo\n'),
    });
  });
});
