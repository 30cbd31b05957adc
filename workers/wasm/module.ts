// Assembles a WebAssembly module: imports, functions, exports. No data, globals, start function or own memory; nothing here needs them.
import { Bytes } from './bytes.ts';
import { FunctionBuilder, TYPE_CODE } from './function.ts';
import type { Ty } from './opcodes.ts';

export class ModuleBuilder {
  private readonly types: { key: string; params: readonly Ty[]; results: readonly Ty[] }[] = [];
  private readonly imports: { module: string; name: string; kind: 'function' | 'memory' | 'table'; arg: number }[] = [];
  private readonly functions: FunctionBuilder[] = [];
  private readonly exports: { name: string; index: number }[] = [];
  private importedFunctions = 0;

  /** Index of a function type. */
  type(params: readonly Ty[], results: readonly Ty[]): number {
    const key = `${params.join()}>${results.join()}`;
    const known = this.types.findIndex((t) => t.key === key);
    return known >= 0 ? known : this.types.push({ key, params, results }) - 1;
  }

  /** A memory of at least `minPages` 64 KiB pages and any maximum. */
  importMemory(module: string, name: string, minPages: number): void {
    this.imports.push({ module, name, kind: 'memory', arg: minPages });
  }

  /** A table of functions. */
  importTable(module: string, name: string, minSize: number): void {
    this.imports.push({ module, name, kind: 'table', arg: minSize });
  }

  /** Index to call it by. All function imports come before the first function. */
  importFunction(module: string, name: string, params: readonly Ty[], results: readonly Ty[]): number {
    if (this.functions.length > 0) throw new Error('Trapline defect: function imports come first');
    this.imports.push({ module, name, kind: 'function', arg: this.type(params, results) });
    return this.importedFunctions++;
  }

  /** Adds a function and exports it when it has a name. Its body may still be written until `finish`. Returns its index. */
  add(body: FunctionBuilder, exportName?: string): number {
    this.type(body.params, body.results);
    const index = this.importedFunctions + this.functions.push(body) - 1;
    if (exportName !== undefined) this.exports.push({ name: exportName, index });
    return index;
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Bytes();
    out.all([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, count: number, write: (s: Bytes) => void): void => {
      if (count === 0) return;
      const s = new Bytes();
      s.u32(count);
      write(s);
      out.u8(id);
      out.u32(s.length);
      out.all(s.view());
    };
    section(1, this.types.length, (s) => {
      for (const t of this.types) {
        s.u8(0x60);
        s.u32(t.params.length);
        for (const p of t.params) s.u8(TYPE_CODE[p]);
        s.u32(t.results.length);
        for (const r of t.results) s.u8(TYPE_CODE[r]);
      }
    });
    section(2, this.imports.length, (s) => {
      for (const i of this.imports) {
        s.name(i.module);
        s.name(i.name);
        if (i.kind === 'function') {
          s.u8(0);
        } else if (i.kind === 'table') {
          s.u8(1);
          s.u8(0x70);
          s.u8(0);
        } else {
          s.u8(2);
          s.u8(1);
        }
        s.u32(i.arg);
        if (i.kind === 'memory') s.u32(65536);
      }
    });
    section(3, this.functions.length, (s) => {
      for (const f of this.functions) s.u32(this.type(f.params, f.results));
    });
    section(7, this.exports.length, (s) => {
      for (const e of this.exports) {
        s.name(e.name);
        s.u8(0);
        s.u32(e.index);
      }
    });
    section(10, this.functions.length, (s) => {
      for (const f of this.functions) {
        const body = f.finish();
        s.u32(body.length);
        s.all(body);
      }
    });
    return out.view().slice();
  }
}
