// Walks the imports of the product's sources and compares each with the layer table. Reads text, not a compiler's result: the
// TypeScript in use has no JavaScript interface. Understands static imports and exports, import() and new URL(…, import.meta.url).
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import type { LayerTable } from './layers.ts';

export interface Rules {
  readonly layers: LayerTable;
  readonly islands: readonly string[];
  readonly packages: Readonly<Record<string, readonly string[]>>;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** `from` imports `to`, both repository paths; a package keeps its name. */
export interface WalkResult {
  readonly modules: number;
  readonly edges: readonly Edge[];
  readonly violations: readonly string[];
}

const STATIC = /(?:^|[;\n])\s*(?:import|export)\s+(type\s+)?((?:[\w*$\s,]|\{[^}]*\})*?)\s*(?:from\s*)?['"]([^'"\n]+)['"]/g;
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)|new URL\(\s*['"]([^'"\n]+)['"]\s*,\s*import\.meta\.url/g;

/** Import specifiers in a source text, comments left out. `import { type A, type B }` counts as types only. */
export function importsOf(text: string): { specifier: string; typeOnly: boolean }[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');
  const found: { specifier: string; typeOnly: boolean }[] = [];
  for (const [, type, clause = '', specifier = ''] of code.matchAll(STATIC)) {
    const names =
      /\{([^}]*)\}/
        .exec(clause)?.[1]
        ?.split(',')
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const outside = clause.replace(/\{[^}]*\}/, '').replace(/[,\s]/g, '');
    const allTypes = names.length > 0 && outside === '' && names.every((name) => name.startsWith('type '));
    found.push({ specifier, typeOnly: type !== undefined || allTypes });
  }
  for (const [, call, url] of code.matchAll(DYNAMIC)) found.push({ specifier: (call ?? url) as string, typeOnly: false });
  return found;
}

function sources(root: string, tops: readonly string[]): string[] {
  const files: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/\.(ts|tsx|mjs)$/.test(entry.name)) files.push(relative(root, path).split(sep).join('/'));
    }
  };
  for (const top of tops) if (existsSync(join(root, top))) visit(join(root, top));
  return files.sort();
}

/** The row a file belongs to: the longest that is the file or a folder above it. */
export function layerOf(file: string, names: readonly string[]): string | undefined {
  return names.filter((name) => file === name || file.startsWith(`${name}/`)).sort((a, b) => b.length - a.length)[0];
}

const below = (file: string, folder: string): boolean => file === folder || file.startsWith(`${folder}/`);

function judge(edge: Edge, rules: Rules, names: readonly string[]): string | null {
  const { from, to, typeOnly } = edge;
  const text = `${from} -> ${to}`;
  if (!to.includes('/') || !/^(workers|recordings|main|renderer|test|scripts)\//.test(to)) {
    const owners = Object.keys(rules.packages).filter((name) => (name === 'node:*' ? to.startsWith('node:') : below(to, name)));
    const folders = owners.flatMap((name) => rules.packages[name] ?? []);
    return folders.some((folder) => below(from, folder)) ? null : `${text}: the package is not allowed here`;
  }
  if (below(to, 'test') || below(to, 'scripts')) return `${text}: the product never imports ${to.split('/')[0]}`;
  for (const island of rules.islands) {
    const [mine, theirs] = [from, to].map((file) => (below(file, island) ? file.slice(island.length + 1).split('/')[0] : undefined));
    if (mine !== undefined && theirs !== undefined && mine !== theirs) return `${text}: parts of ${island} do not import each other`;
  }
  const [own, target] = [layerOf(from, names), layerOf(to, names)];
  if (own === undefined) return `${text}: ${from} is in no layer`;
  if (target === undefined) return `${text}: ${to} is in no layer`;
  if (own === target) return null;
  const allowed = rules.layers[own] ?? [];
  if (allowed.includes(target) || (typeOnly && allowed.includes(`types:${target}`))) return null;
  return `${text}: ${own} may ${allowed.includes(`types:${target}`) ? 'import only types of' : 'not import'} ${target}`;
}

/** A row that names something not above it. */
export function tableProblems(layers: LayerTable): string[] {
  const names = Object.keys(layers);
  return names.flatMap((name, row) =>
    (layers[name] ?? [])
      .map((dependency) => dependency.replace(/^types:/, ''))
      .filter((dependency) => !names.slice(0, row).includes(dependency))
      .map((dependency) => `${name} -> ${dependency}: unknown or not above`),
  );
}

export function walk(root: string, rules: Rules, tops: readonly string[] = ['workers', 'recordings', 'main', 'renderer']): WalkResult {
  const names = Object.keys(rules.layers);
  const files = sources(root, tops);
  const edges: Edge[] = [];
  const violations: string[] = [];
  for (const file of files) {
    if (file.endsWith('.d.ts')) continue;
    for (const { specifier, typeOnly } of importsOf(readFileSync(join(root, file), 'utf8'))) {
      const plain = specifier.replace(/\?.*$/, '');
      const to = plain.startsWith('.') ? posix.normalize(posix.join(dirname(file), plain)) : plain;
      if (plain.startsWith('.') && !existsSync(join(root, to)) && !plain.endsWith('.js')) violations.push(`${file} -> ${to}: no such file`);
      edges.push({ from: file, to, typeOnly });
    }
  }
  for (const edge of edges) {
    const problem = judge(edge, rules, names);
    if (problem !== null) violations.push(problem);
  }
  violations.push(...cycles(edges.filter((edge) => !edge.typeOnly)));
  return { modules: files.length, edges, violations };
}

/** Import cycles between files, one sentence each. */
function cycles(edges: readonly Edge[]): string[] {
  const next = new Map<string, string[]>();
  for (const { from, to } of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(`${[...path.slice(path.indexOf(file)), file].join(' -> ')}: a cycle`);
      return;
    }
    state.set(file, 'open');
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    state.set(file, 'done');
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
