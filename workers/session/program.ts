// A program file as a session sees it: its symbols where they will be in memory, and the machine configuration that runs it.
// It does not run anything.
import { type ElfFile, type ElfSymbol, type SymbolTable, loadBias, looksLikeElf, parseElf } from '../base/elf.ts';
import { type Result, err, ok } from '../base/result.ts';
import type { RecordRequest, SymbolRow } from '../api/workbench-api.ts';
import { parsePolicies } from '../kernel/policies.ts';
import type { MachineConfig, WatchSpec } from '../machine/machine-api.ts';
import { readEventSpec } from './event-spec.ts';

/** Guest RAM of a recording made here. */
export const DEFAULT_RAM_BYTES = 256 * 1024 * 1024;
/** Comparators of a Cortex-A76 (ID_AA64DFR0_EL1.BRPs 6, .WRPs 4). */
export const DEFAULT_BRPS = 6;
export const DEFAULT_WRPS = 4;
export const MOST_CPUS = 8;

export interface Program {
  readonly name: string;
  readonly elf: ElfFile;
  readonly symbols: SymbolTable;
  /** What is added to the file's addresses. */
  readonly bias: bigint;
}

export function loadProgram(bytes: Uint8Array, name: string): Result<Program> {
  const elf = parseElf(bytes, name);
  return elf.ok ? ok({ name, elf: elf.value, symbols: elf.value.symbols, bias: BigInt(loadBias(elf.value)) }) : elf;
}

/** The programs among a recording's files, by guest path. Files that are no programs, or none of ours, are left out. */
export function programsOf(config: MachineConfig): ReadonlyMap<string, Program> {
  const found = new Map<string, Program>();
  for (const [path, file] of config.program.files) {
    if (!looksLikeElf(file.data)) continue;
    const program = loadProgram(file.data, baseName(path));
    if (program.ok) found.set(path, program.value);
  }
  return found;
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

export function symbolRow(symbol: ElfSymbol, bias: bigint): SymbolRow {
  return {
    name: symbol.name,
    address: BigInt(symbol.address) + bias,
    size: symbol.size,
    kind: symbol.kind === 'function' ? 'function' : 'object',
  };
}

export const isNamed = (symbol: ElfSymbol): boolean => symbol.kind !== 'other';

/** What a request may say besides the contract's fields: only the command line does so far. */
export interface MachineOptions {
  readonly policies?: Readonly<Record<string, string>>;
  readonly ramBytes?: number;
  readonly brps?: number;
  readonly wrps?: number;
}

/** The machine a request asks for, its events resolved; or the sentence that says what is wrong with the request. */
export function configOf(request: RecordRequest & MachineOptions): Result<MachineConfig> {
  const program = loadProgram(request.program, baseName(request.programPath));
  if (!program.ok) return program;
  if (!Number.isInteger(request.cpus) || request.cpus < 1 || request.cpus > MOST_CPUS)
    return err(`${request.cpus} CPUs are not possible; use 1 to ${MOST_CPUS}`);
  if (!Number.isInteger(request.seed) || request.seed < 0 || request.seed > 0xffff_ffff)
    return err(`the seed ${request.seed} is not possible; use 0 to 4294967295`);
  const policies = parsePolicies(request.policies ?? {});
  if (typeof policies === 'string') return err(policies);
  const events: WatchSpec[] = [];
  for (const text of request.events) {
    const spec = readEventSpec(text, program.value.symbols, program.value.name, 'hardware', program.value.bias);
    if (!spec.ok) return spec;
    events.push(spec.value);
  }
  const files = new Map<string, { readonly data: Uint8Array; readonly mode: number }>();
  for (const file of request.files) files.set(file.path, { data: file.data, mode: file.mode });
  files.set(request.programPath, { data: request.program, mode: 0o755 });
  return ok({
    arch: 'aarch64',
    cpus: request.cpus,
    seed: request.seed,
    ramBytes: request.ramBytes ?? DEFAULT_RAM_BYTES,
    policies,
    brps: request.brps ?? DEFAULT_BRPS,
    wrps: request.wrps ?? DEFAULT_WRPS,
    program: { path: request.programPath, argv: request.argv, env: request.env, files },
    events,
  });
}
