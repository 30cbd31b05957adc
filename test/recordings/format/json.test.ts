// The JSON of events and states, its schema and its page: the three say the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { jsonDoc, jsonSchema } from '../../../recordings/format/json-docs.ts';
import { cpuToJson, eventToJson, stateToJson } from '../../../recordings/format/json.ts';
import type { CpuView } from '../../../workers/machine/machine-api.ts';
import { schemaErrors } from '../../support/json-schema.ts';
import { sampleEvents } from '../../support/sample-recording.ts';

const root = resolve(import.meta.dirname, '../../..');
const schemaFile = resolve(root, 'docs/json.schema.json');
const pageFile = resolve(root, 'docs/json.md');
const schema = (): Readonly<Record<string, unknown>> => JSON.parse(readFileSync(schemaFile, 'utf8')) as Record<string, unknown>;
const through = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const cpu: CpuView = {
  cpu: 0,
  el: 0,
  pc: 0x4006f0n,
  tid: 100,
  mm: 1,
  regs: { x0: 0n, v0: (1n << 127n) + 5n },
  debug: { MDSCR_EL1: 0x8000n },
  slots: [{ file: 'WRP', slot: 0, owner: 'mem:counter/8:w', perf_event: 1, address: 0x41f0c8n, control: 0x1ff5n, state: 'armed' }],
};

test('docs/json.md and docs/json.schema.json are what the table of event kinds makes (ACCEPT=1 writes them)', () => {
  const made = `${JSON.stringify(jsonSchema(), null, 2)}\n`;
  if (process.env['ACCEPT'] === '1') {
    writeFileSync(schemaFile, made);
    writeFileSync(pageFile, jsonDoc());
  }
  expect(readFileSync(schemaFile, 'utf8')).toBe(made);
  expect(readFileSync(pageFile, 'utf8')).toBe(jsonDoc());
});

describe('events', () => {
  const lines = sampleEvents(300, 6).map((event, i) =>
    eventToJson(event, i % 2 === 0 ? 'main+0x10' : null, i % 3 === 0 ? { icount: 5, event: 1 } : null),
  );

  test('of every kind satisfy the schema', () => {
    for (const line of lines) expect(schemaErrors(through(line), schema())).toEqual([]);
  });

  test('the schema refuses a missing, an extra and a wrong field', () => {
    const good = through(lines[0]) as Record<string, unknown>;
    const { pc: _pc, ...without } = good;
    expect(schemaErrors(without, schema())).not.toEqual([]);
    expect(schemaErrors({ ...good, colour: 1 }, schema())).not.toEqual([]);
    expect(schemaErrors({ ...good, address: 5 }, schema())).not.toEqual([]);
    expect(schemaErrors({ ...good, address: '0x00ff' }, schema())).not.toEqual([]);
    expect(schemaErrors({ ...good, mark: '17' }, schema())).not.toEqual([]);
  });

  test('a hit reads as documented', () => {
    const fields = {
      event: 'mem:counter/8:w',
      perf_event: 1,
      address: 0x41f0c8n,
      size: 8,
      access: 'w',
      slot: 0,
      reported: 'before',
      old: 0n,
      new: 0xffff_ffff_ffff_ffffn,
      counted: true,
    };
    const line = eventToJson(
      { kind: 'watchpoint-hit', icount: 1234, event: 2, cpu: 1, tid: 100, pc: 0x400700n, cause: 3, fields },
      'main+0x10',
      { icount: 1200, event: 0 },
    );
    expect(JSON.stringify(line)).toBe(
      '{"mark":"#1234.2","kind":"watchpoint-hit","cpu":1,"tid":100,"pc":"0x400700","symbol":"main+0x10","cause":"#1200","event":"mem:counter/8:w","perf_event":1,' +
        '"address":"0x41f0c8","size":8,"access":"w","slot":0,"reported":"before","old":"0x0","new":"0xffffffffffffffff","counted":true}',
    );
  });

  test('output is in hex and as text', () => {
    const data = Uint8Array.of(0x68, 0x69, 0xff, 0x0a);
    const line = eventToJson(
      { kind: 'output', icount: 1, event: 0, cpu: 0, tid: 100, pc: 0n, cause: -1, fields: { fd: 1, data } },
      null,
      null,
    );
    expect(line).toMatchObject({ data: '6869ff0a', data_text: 'hi\ufffd\n', cause: null, symbol: null });
  });
});

describe('states', () => {
  test('satisfy the schema, vector registers too', () => {
    const state = stateToJson({ icount: 10, event: 0 }, [cpuToJson(cpu, 'main', [{ address: 0x4006f0n, text: 'ret', symbol: null }])]);
    expect(schemaErrors(through(state), schema())).toEqual([]);
    expect(state).toMatchObject({ mark: '#10', cpus: [{ regs: { v0: '0x80000000000000000000000000000005' } }] });
  });
});
