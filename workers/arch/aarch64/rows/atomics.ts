// Exclusives, acquire and release, LSE atomics, cache maintenance by address.
//
// The exclusive monitor is plain state: address, size and the value loaded. A store-exclusive succeeds when the address and size are
// those of the load and memory still holds the value. Another CPU that writes the same value back in between goes unnoticed, as in QEMU:
// a store-exclusive may not fail where hardware would fail it, and the outcome depends on nothing but the machine's state.
import type { Builder, Mem, Val } from '../../../rows/builder.ts';
import type { Dst } from '../../../rows/operands.ts';
import { row, todo } from '../../../rows/row.ts';
import * as t from '../asm.ts';
import { FIELDS, X, XSP, Xd } from '../state.ts';

type Bytes = 1 | 2 | 4 | 8;
const SUFFIX = ['b', 'h', '', ''] as const;
const bytesOf = (size: number): Bytes => (1 << size) as Bytes;

/** CAS compares and pairs are of two registers: Rs and Rs+1. */
const next = (n: number): number => (n === 31 ? 31 : n + 1);

function rememberExclusive(b: Builder, address: Val, bytes: number, lo: Val, hi: Val | number): void {
  b.write(FIELDS.exclusiveAddress, address);
  b.write(FIELDS.exclusiveSize, bytes);
  b.write(FIELDS.exclusiveLo, lo);
  b.write(FIELDS.exclusiveHi, hi);
}

function storeExclusive(b: Builder, address: Val, bytes: number, status: Dst, same: (m: Mem) => Val, store: (m: Mem) => void): void {
  const monitored = b.read(FIELDS.exclusiveAddress).eq(address).and(b.read(FIELDS.exclusiveSize).eq(bytes));
  b.write(FIELDS.exclusiveSize, 0);
  b.when(
    monitored,
    () => {
      const m = b.mem(address, bytes, { access: 'rw', align: bytes });
      const unchanged = same(m);
      b.when(unchanged, () => store(m));
      b.set(status, unchanged.eqz().zext());
    },
    () => b.set(status, b.lit('i64', 1)),
  );
}

const ATOMIC = ['add', 'clr', 'eor', 'set', 'smax', 'smin', 'umax', 'umin'] as const;

function combine(b: Builder, op: number, old: Val, operand: Val): Val {
  switch (op) {
    case 0:
      return old.add(operand);
    case 1:
      return old.and(operand.not());
    case 2:
      return old.xor(operand);
    case 3:
      return old.or(operand);
    case 4:
      return b.sel(old.gts(operand), old, operand);
    case 5:
      return b.sel(old.lts(operand), old, operand);
    case 6:
      return b.sel(old.gtu(operand), old, operand);
    default:
      return b.sel(old.ltu(operand), old, operand);
  }
}

const ordering = (a: number, r: number): string => `${a ? 'a' : ''}${r ? 'l' : ''}`;

export const ATOMICS = [
  row(
    'LDXR, LDAXR',
    'C6.2 LDXR',
    'size:2 001000 0 1 0 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), d: Xd(f.Rt), n: XSP(f.Rn) }),
    (b, o) => {
      const address = b.get(o.n);
      const value = b.mem(address, o.bytes, { align: o.bytes }).load(0, o.bytes, false, 'i64');
      rememberExclusive(b, address, o.bytes, value, 0);
      b.set(o.d, value);
    },
    { asm: (f) => t.ins(`ld${f.o0 ? 'a' : ''}xr${SUFFIX[f.size]!}`, t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'STXR, STLXR',
    'C6.2 STXR',
    'size:2 001000 0 0 0 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), status: Xd(f.Rs), t: X(f.Rt), n: XSP(f.Rn) }),
    (b, o) =>
      storeExclusive(
        b,
        b.get(o.n),
        o.bytes,
        o.status,
        (m) => m.load(0, o.bytes, false, 'i64').eq(b.read(FIELDS.exclusiveLo)),
        (m) => m.store(0, o.bytes, b.get(o.t)),
      ),
    { asm: (f) => t.ins(`st${f.o0 ? 'l' : ''}xr${SUFFIX[f.size]!}`, t.r(f.Rs, 0), t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'LDXP, LDAXP',
    'C6.2 LDXP',
    '1 sz:1 001000 0 1 1 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5',
    (f) => ({ wide: f.sz === 1, d: Xd(f.Rt), d2: Xd(f.Rt2), n: XSP(f.Rn) }),
    (b, o) => {
      const address = b.get(o.n);
      const each = o.wide ? 8 : 4;
      const m = b.mem(address, each * 2, { align: each * 2 });
      const lo = m.load(0, each, false, 'i64');
      const hi = m.load(each, each, false, 'i64');
      rememberExclusive(b, address, each * 2, lo, hi);
      b.set(o.d, lo);
      b.set(o.d2, hi);
    },
    { asm: (f) => t.ins(`ld${f.o0 ? 'a' : ''}xp`, t.r(f.Rt, f.sz), t.r(f.Rt2, f.sz), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'STXP, STLXP',
    'C6.2 STXP',
    '1 sz:1 001000 0 0 1 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5',
    (f) => ({ wide: f.sz === 1, status: Xd(f.Rs), t: X(f.Rt), t2: X(f.Rt2), n: XSP(f.Rn) }),
    (b, o) => {
      const each = o.wide ? 8 : 4;
      storeExclusive(
        b,
        b.get(o.n),
        each * 2,
        o.status,
        (m) =>
          m
            .load(0, each, false, 'i64')
            .eq(b.read(FIELDS.exclusiveLo))
            .and(m.load(each, each, false, 'i64').eq(b.read(FIELDS.exclusiveHi))),
        (m) => {
          m.store(0, each, b.get(o.t));
          m.store(each, each, b.get(o.t2));
        },
      );
    },
    { asm: (f) => t.ins(`st${f.o0 ? 'l' : ''}xp`, t.r(f.Rs, 0), t.r(f.Rt, f.sz), t.r(f.Rt2, f.sz), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'LDAR, LDLAR',
    'C6.2 LDAR',
    'size:2 001000 1 1 0 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), d: Xd(f.Rt), n: XSP(f.Rn) }),
    (b, o) => b.set(o.d, b.mem(b.get(o.n), o.bytes, { align: o.bytes }).load(0, o.bytes, false, 'i64')),
    { asm: (f) => t.ins(`ld${f.o0 ? '' : 'l'}ar${SUFFIX[f.size]!}`, t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'STLR, STLLR',
    'C6.2 STLR',
    'size:2 001000 1 0 0 Rs:5 o0:1 Rt2:5 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), t: X(f.Rt), n: XSP(f.Rn) }),
    (b, o) => b.mem(b.get(o.n), o.bytes, { access: 'w', align: o.bytes }).store(0, o.bytes, b.get(o.t)),
    { asm: (f) => t.ins(`st${f.o0 ? '' : 'l'}lr${SUFFIX[f.size]!}`, t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'LDAPR',
    'C6.2 LDAPR',
    'size:2 111 0 00 1 0 1 11111 1 100 00 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), d: Xd(f.Rt), n: XSP(f.Rn) }),
    (b, o) => b.set(o.d, b.mem(b.get(o.n), o.bytes, { align: o.bytes }).load(0, o.bytes, false, 'i64')),
    { asm: (f) => t.ins(`ldapr${SUFFIX[f.size]!}`, t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))) },
  ),
  row(
    'CAS, CASA, CASL, CASAL',
    'C6.2 CAS',
    'size:2 001000 1 L:1 1 Rs:5 o0:1 11111 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), s: X(f.Rs), d: Xd(f.Rs), t: X(f.Rt), n: XSP(f.Rn) }),
    (b, o) => {
      const m = b.mem(b.get(o.n), o.bytes, { access: 'rw', align: o.bytes });
      const old = m.load(0, o.bytes, false, 'i64');
      m.store(0, o.bytes, b.sel(old.eq(b.get(o.s).ext(o.bytes * 8, false)), b.get(o.t), old));
      b.set(o.d, old);
    },
    {
      asm: (f) =>
        t.ins(`cas${ordering(f.L, f.o0)}${SUFFIX[f.size]!}`, t.r(f.Rs, f.size === 3), t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))),
    },
  ),
  row(
    'CASP, CASPA, CASPL, CASPAL',
    'C6.2 CASP',
    '0 sz:1 001000 0 L:1 1 Rs:5 o0:1 11111 Rn:5 Rt:5',
    (f) =>
      f.Rs % 2 === 1 || f.Rt % 2 === 1
        ? null
        : { wide: f.sz === 1, s: X(f.Rs), s2: X(next(f.Rs)), d: Xd(f.Rs), d2: Xd(next(f.Rs)), t: X(f.Rt), t2: X(next(f.Rt)), n: XSP(f.Rn) },
    (b, o) => {
      const each = o.wide ? 8 : 4;
      const m = b.mem(b.get(o.n), each * 2, { access: 'rw', align: each * 2 });
      const lo = m.load(0, each, false, 'i64');
      const hi = m.load(each, each, false, 'i64');
      const same = lo.eq(b.get(o.s).ext(each * 8, false)).and(hi.eq(b.get(o.s2).ext(each * 8, false)));
      m.store(0, each, b.sel(same, b.get(o.t), lo));
      m.store(each, each, b.sel(same, b.get(o.t2), hi));
      b.set(o.d, lo);
      b.set(o.d2, hi);
    },
    {
      asm: (f) =>
        t.ins(
          `casp${ordering(f.L, f.o0)}`,
          t.r(f.Rs, f.sz),
          t.r(next(f.Rs), f.sz),
          t.r(f.Rt, f.sz),
          t.r(next(f.Rt), f.sz),
          t.mem(t.rsp(f.Rn, 1)),
        ),
    },
  ),
  row(
    'LDADD, LDCLR, LDEOR, LDSET, LDSMAX, LDSMIN, LDUMAX, LDUMIN',
    'C6.2 LDADD',
    'size:2 111 0 00 A:1 R:1 1 Rs:5 0 opc:3 00 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), op: f.opc, s: X(f.Rs), d: Xd(f.Rt), n: XSP(f.Rn) }),
    (b, o) => {
      const m = b.mem(b.get(o.n), o.bytes, { access: 'rw', align: o.bytes });
      // Signed comparisons see both operands sign-extended; every operation uses only the low bytes of its result.
      const signed = o.op === 4 || o.op === 5;
      const old = m.load(0, o.bytes, false, 'i64');
      const bits = o.bytes * 8;
      m.store(0, o.bytes, combine(b, o.op, signed ? old.ext(bits, true) : old, b.get(o.s).ext(bits, signed)));
      b.set(o.d, old);
    },
    {
      asm: (f) => {
        const store = f.Rt === 31 && f.A === 0;
        const mnemonic = `${store ? 'st' : 'ld'}${ATOMIC[f.opc]!}${ordering(f.A, f.R)}${SUFFIX[f.size]!}`;
        return t.ins(mnemonic, t.r(f.Rs, f.size === 3), !store && t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1)));
      },
    },
  ),
  row(
    'SWP',
    'C6.2 SWP',
    'size:2 111 0 00 A:1 R:1 1 Rs:5 1 000 00 Rn:5 Rt:5',
    (f) => ({ bytes: bytesOf(f.size), s: X(f.Rs), d: Xd(f.Rt), n: XSP(f.Rn) }),
    (b, o) => {
      const m = b.mem(b.get(o.n), o.bytes, { access: 'rw', align: o.bytes });
      const old = m.load(0, o.bytes, false, 'i64');
      m.store(0, o.bytes, b.get(o.s));
      b.set(o.d, old);
    },
    {
      asm: (f) =>
        t.ins(`swp${ordering(f.A, f.R)}${SUFFIX[f.size]!}`, t.r(f.Rs, f.size === 3), t.r(f.Rt, f.size === 3), t.mem(t.rsp(f.Rn, 1))),
    },
  ),
  // Cache maintenance. Stores to code are seen at once (the engine), so IC has nothing to do; like DC by address it still needs a page.
  row(
    'DC ZVA',
    'C5.3 DC ZVA',
    '1101010100 0 01 011 0111 0100 001 Rt:5',
    (f) => ({ n: X(f.Rt) }),
    (b, o) => {
      const m = b.mem(b.get(o.n).and(-64n), 64, { access: 'w' });
      const zero = b.vector(new Uint8Array(16));
      for (let i = 0; i < 64; i += 16) m.store(i, 16, zero);
    },
    { asm: (f) => t.ins('dc', 'zva', t.r(f.Rt, 1)) },
  ),
  ...(
    [
      ['DC CVAC', 'dc\tcvac', '1010'],
      ['DC CVAU', 'dc\tcvau', '1011'],
      ['DC CIVAC', 'dc\tcivac', '1110'],
    ] as const
  ).map(([name, asm, crm]) =>
    row(
      name,
      `C5.3 ${name}`,
      `1101010100 0 01 011 0111 ${crm} 001 Rt:5`,
      (f) => ({ n: X(f.Rt) }),
      (b, o) => {
        b.mem(b.get(o.n), 1);
      },
      { asm: (f) => `${asm}, ${t.r(f.Rt, 1)}`, unfuzzed: 'QEMU does not look at the address' },
    ),
  ),
  todo('DC CVAP', 'C5.3 DC CVAP', '1101010100 0 01 011 0111 1100 001 Rt:5'),
  row(
    'IC IVAU',
    'C5.3 IC IVAU',
    '1101010100 0 01 011 0111 0101 001 Rt:5',
    (f) => ({ n: X(f.Rt) }),
    (b, o) => {
      b.mem(b.get(o.n), 1);
    },
    { asm: (f) => t.ins('ic', 'ivau', t.r(f.Rt, 1)), unfuzzed: 'QEMU does not look at the address' },
  ),
];
