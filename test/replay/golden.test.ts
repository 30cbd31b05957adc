// Golden recordings of real runs: the kernel that made one replays it to the bit, any later one opens it, and says that another kernel made it
// when replay differs. ACCEPT=1 makes v1-ledger again (never needed unless version 1 itself was wrong).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecording } from '../../recordings/format/read.ts';
import { kernelTextId } from '../../workers/session/kernel-text.ts';
import { openRecording } from '../../workers/session/open-recording.ts';
import { pause, recordGuest } from '../support/guests.ts';
import { GOLDEN, readManifest, writeGolden } from '../support/make-golden.ts';

if (process.env['ACCEPT'] === '1') {
  const made = await recordGuest('ledger', { events: ['mem:pool+0x20/8:w'], cpus: 2, name: 'ledger' });
  writeGolden('v1-ledger', 'A real run of the bundled sample, two CPUs, one watchpoint, ends in abort.', made.recording, true);
}

const runs = Object.entries(readManifest()).filter(([, row]) => row.replays);

describe('golden recordings of real runs', () => {
  test('there is one', () => {
    expect(runs.length).toBeGreaterThan(0);
  });

  test.each(runs)('%s', async (name, row) => {
    const read = readRecording(new Uint8Array(readFileSync(join(GOLDEN, `${name}.trapline`))));
    if (!read.ok) throw new Error(read.error);
    const opened = openRecording(read.value, { pause });
    if (!opened.ok) throw new Error(opened.error);
    const open = opened.value;
    expect(open.summary().eventCount).toBe(row.events);
    const verified = await open.verify({ pause }, () => {});
    const sameKernel = kernelTextId(open.history.machine.view) === read.value.header.kernelText;
    if (!verified.ok && !sameKernel) expect(verified.error).toMatch(/with another kernel/);
    else if (!verified.ok) throw new Error(verified.error);
  });
});
