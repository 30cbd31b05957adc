// Registers of one CPU, read and written where they are: in its block of machine memory.
import { FIELDS } from '../arch/aarch64/state.ts';
import type { Registers } from './contract.ts';

export class CpuRegisters implements Registers {
  private readonly u64: BigUint64Array;
  private readonly u32: Uint32Array;
  private readonly base: number;

  /** `base`: byte address of the CPU block. */
  constructor(memory: ArrayBuffer, base: number) {
    this.u64 = new BigUint64Array(memory);
    this.u32 = new Uint32Array(memory);
    this.base = base;
  }

  private get64(offset: number): bigint {
    return this.u64[(this.base + offset) >>> 3]!;
  }

  private set64(offset: number, value: bigint): void {
    this.u64[(this.base + offset) >>> 3] = value;
  }

  private get32(offset: number): number {
    return this.u32[(this.base + offset) >>> 2]!;
  }

  private set32(offset: number, value: number): void {
    this.u32[(this.base + offset) >>> 2] = value;
  }

  x(n: number): bigint {
    return this.get64(FIELDS.x.offset + n * 8);
  }

  setX(n: number, value: bigint): void {
    this.set64(FIELDS.x.offset + n * 8, value);
  }

  xLo(n: number): number {
    return this.get32(FIELDS.x.offset + n * 8);
  }

  xHi(n: number): number {
    return this.get32(FIELDS.x.offset + n * 8 + 4);
  }

  setXHalves(n: number, lo: number, hi: number): void {
    this.set32(FIELDS.x.offset + n * 8, lo);
    this.set32(FIELDS.x.offset + n * 8 + 4, hi);
  }

  get sp(): bigint {
    return this.x(31);
  }

  set sp(value: bigint) {
    this.setX(31, value);
  }

  get pc(): bigint {
    return this.get64(FIELDS.pc.offset);
  }

  set pc(value: bigint) {
    this.set64(FIELDS.pc.offset, value);
  }

  get pcLo(): number {
    return this.get32(FIELDS.pc.offset);
  }

  get pcHi(): number {
    return this.get32(FIELDS.pc.offset + 4);
  }

  get nzcv(): number {
    return this.get32(FIELDS.nzcv.offset);
  }

  set nzcv(value: number) {
    this.set32(FIELDS.nzcv.offset, value & 15);
  }

  v(n: number): bigint {
    const at = FIELDS.v.offset + n * 16;
    return this.get64(at) | (this.get64(at + 8) << 64n);
  }

  setV(n: number, value: bigint): void {
    const at = FIELDS.v.offset + n * 16;
    this.set64(at, BigInt.asUintN(64, value));
    this.set64(at + 8, BigInt.asUintN(64, value >> 64n));
  }

  get fpcr(): number {
    return this.get32(FIELDS.fpcr.offset);
  }

  set fpcr(value: number) {
    this.set32(FIELDS.fpcr.offset, value);
  }

  get fpsr(): number {
    return this.get32(FIELDS.fpsr.offset);
  }

  set fpsr(value: number) {
    this.set32(FIELDS.fpsr.offset, value);
  }

  get tpidr(): bigint {
    return this.get64(FIELDS.tpidr_el0.offset);
  }

  set tpidr(value: bigint) {
    this.set64(FIELDS.tpidr_el0.offset, value);
  }

  clearExclusive(): void {
    this.set32(FIELDS.exclusiveSize.offset, 0);
    this.set64(FIELDS.exclusiveAddress.offset, 0n);
    this.set64(FIELDS.exclusiveLo.offset, 0n);
    this.set64(FIELDS.exclusiveHi.offset, 0n);
  }
}
