// A session behind comlink on a worker_threads port, as Electron and the headless host use it: calls, Results, callbacks.
import { MessageChannel } from 'node:worker_threads';
import { proxy, wrap } from 'comlink';
import { afterAll, describe, expect, test } from 'vitest';
import type { RecordProgress, RecordingChunk, WorkbenchApi } from '../../../workers/api/workbench-api.ts';
import { nodeEndpoint } from '../../../workers/host/endpoint.ts';
import { serve } from '../../../workers/host/serve.ts';
import { requestFor } from '../../support/guests.ts';
import { testWith } from '../../support/tools.ts';

const { port1, port2 } = new MessageChannel();
serve(nodeEndpoint(port1));
const remote = wrap<WorkbenchApi>(nodeEndpoint(port2));
afterAll(() => {
  port1.close();
  port2.close();
});

describe('over a port', () => {
  test('a question with nothing open is answered with a sentence', async () => {
    expect(await remote.seek('#5')).toEqual({ ok: false, error: expect.stringContaining('no recording is open') as string });
    expect(await remote.inspectProgram(new Uint8Array([1, 2, 3]))).toMatchObject({ ok: false });
  });

  testWith(['guest:counter'], 'a program is recorded, its pieces arrive in order, and it can be walked', async () => {
    const pieces: RecordingChunk[] = [];
    const progress: RecordProgress[] = [];
    const { policies: _, ...request } = requestFor('counter', { events: ['mem:counter/8:w'] });
    const done = await remote.record(
      request,
      proxy((p: RecordProgress) => void progress.push(p)),
      proxy((piece: RecordingChunk) => void pieces.push(piece)),
    );
    expect(done.ok && done.value.watches).toMatchObject([{ text: 'mem:counter/8:w', hits: 25, recorded: true }]);
    expect(pieces.map((piece) => piece.sequence)).toEqual(pieces.map((_, i) => i));
    expect(pieces[0]!.part).toBe('recording.json');
    expect(pieces.at(-1)!.part).toBe('end.json');
    expect(progress.length).toBeGreaterThan(0);
    const last = await remote.step('forward', 'hit', 25);
    expect(last.ok && last.value.event?.kind).toBe('watchpoint-hit');
    const hits = await remote.events({ kinds: ['watchpoint-hit'], from: null, to: null, offset: 20, limit: 10 });
    expect(hits.total).toBe(25);
    expect(hits.rows).toHaveLength(5);
    expect(last.ok && last.value.mark).toEqual(hits.rows.at(-1)!.mark);
  });
});
