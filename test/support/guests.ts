// Recordings of guest programs for tests, made in this process by what the command line and the window use.
import { readFileSync } from 'node:fs';
import type { RecordRequest } from '../../workers/api/workbench-api.ts';
import { makePause } from '../../workers/host/pause.ts';
import type { MachineOptions } from '../../workers/session/program.ts';
import { type RecordHost, type RecordedProgram, recordProgram } from '../../workers/session/record-program.ts';
import { guestPath } from './tools.ts';

export const pause = makePause();

export function requestFor(name: string, more: Partial<RecordRequest & MachineOptions> = {}): RecordRequest & MachineOptions {
  return {
    name,
    programPath: `/${name}`,
    program: new Uint8Array(readFileSync(guestPath(name))),
    argv: [`./${name}`],
    env: [],
    files: [],
    stdin: new Uint8Array(),
    seed: 1,
    cpus: 1,
    events: [],
    maxIcount: 40_000_000,
    ...more,
  };
}

export async function recordGuest(
  name: string,
  more: Partial<RecordRequest & MachineOptions> = {},
  host: Partial<RecordHost> = {},
): Promise<RecordedProgram> {
  const done = await recordProgram(requestFor(name, more), { pause, stopRequested: () => false, ...host });
  if (!done.ok) throw new Error(done.error);
  return done.value;
}

export function outputOf({ recording }: RecordedProgram): string {
  const { events } = recording;
  return [...events.indices({ kinds: ['output'] })].map((i) => new TextDecoder().decode(events.getAs('output', i).fields.data)).join('');
}
