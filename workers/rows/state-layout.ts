// The form of architectural state: one row per field. Offsets, checkpoint codec, digest, register panel and access widths are all
// derived from the rows; nothing else writes an offset.

export type Width = 'u8' | 'u32' | 'u64' | 'v128';
export type StateRow = readonly [name: string, width: Width, count?: number];
const BYTES: Record<Width, number> = { u8: 1, u32: 4, u64: 8, v128: 16 };

export interface StateField {
  readonly name: string;
  /** Bytes from the start of the state. */
  readonly offset: number;
  readonly width: Width;
  readonly count: number;
}

export interface StateLayout<N extends string> {
  /** Bytes, a multiple of 16. */
  readonly size: number;
  readonly fields: { readonly [K in N]: StateField };
}

export function layoutState<const R extends readonly StateRow[]>(rows: R): StateLayout<R[number][0]> {
  const fields: Record<string, StateField> = {};
  let at = 0;
  for (const [name, width, count = 1] of rows) {
    if (name in fields) throw new Error(`Trapline defect: duplicate state field '${name}'`);
    at = Math.ceil(at / BYTES[width]) * BYTES[width];
    fields[name] = { name, offset: at, width, count };
    at += BYTES[width] * count;
  }
  return { size: Math.ceil(at / 16) * 16, fields: fields as StateLayout<R[number][0]>['fields'] };
}
