// The programs and recordings that come with the workbench, served by the host under /bundled/.
import { type Result, err, ok } from '../../workers/base/result.ts';

export interface BundledProgram {
  readonly name: string;
  readonly file: string;
  readonly about: string;
  readonly args: readonly string[];
  /** Suggested watch specifications. */
  readonly events: readonly string[];
}

export interface BundledRecording {
  readonly name: string;
  readonly file: string;
  readonly about: string;
}

export interface BundledIndex {
  readonly programs: readonly BundledProgram[];
  readonly recordings: readonly BundledRecording[];
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): readonly Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null) : [];

/** Reads the index; anything that is not as expected is left out. */
export function parseIndex(value: unknown): BundledIndex {
  const root = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const common = (item: Record<string, unknown>) => ({ name: text(item['name']), file: text(item['file']), about: text(item['about']) });
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);
  return {
    programs: list(root['programs']).map((item) => ({ ...common(item), args: texts(item['args']), events: texts(item['events']) })),
    recordings: list(root['recordings']).map(common),
  };
}

export async function bundledIndex(): Promise<BundledIndex> {
  try {
    const response = await fetch('/bundled/index.json');
    return parseIndex(response.ok ? await response.json() : null);
  } catch {
    return { programs: [], recordings: [] };
  }
}

async function fetched(address: string, name: string): Promise<Result<Uint8Array>> {
  try {
    const response = await fetch(address);
    return response.ok
      ? ok(new Uint8Array(await response.arrayBuffer()))
      : err(`The host has no file ${name} (status ${response.status}).`);
  } catch {
    return err(`${name} could not be fetched: the host that serves this window does not answer. Start it again with npm start.`);
  }
}

export const bundledFile = (file: string): Promise<Result<Uint8Array>> => fetched(`/bundled/${encodeURIComponent(file)}`, file);

export const givenFile = (name: string): Promise<Result<Uint8Array>> => fetched(`/given/${encodeURIComponent(name)}`, name);
