// struct rusage and struct timeval/timespec as bytes.
import type { KernelContext } from '../kernel-context.ts';

/** struct rusage, 144 bytes, with user time in ns and everything else 0. */
export function encode_rusage(user_ns: number): Uint8Array {
  const bytes = new Uint8Array(144);
  const at = new DataView(bytes.buffer);
  at.setBigInt64(0, BigInt(Math.floor(user_ns / 1e9)), true);
  at.setBigInt64(8, BigInt(Math.floor((user_ns % 1e9) / 1000)), true);
  return bytes;
}

/** struct timespec (or, with a unit of 1000, timeval): two 64-bit words. */
export function encode_time(ns: number, unit = 1): Uint8Array {
  const bytes = new Uint8Array(16);
  const at = new DataView(bytes.buffer);
  at.setBigInt64(0, BigInt(Math.floor(ns / 1e9)), true);
  at.setBigInt64(8, BigInt(Math.floor((ns % 1e9) / unit)), true);
  return bytes;
}

/** Seconds and ns of a timespec at `address`; null: fault; 'invalid'. */
export function get_timespec(ctx: KernelContext, address: number): { readonly s: number; readonly ns: number } | null | 'invalid' {
  const s = ctx.user.get_user64(address);
  const ns = ctx.user.get_user64(address + 8);
  if (s === null || ns === null) return null;
  const seconds = Number(BigInt.asIntN(64, s));
  if (seconds < 0 || ns >= 1_000_000_000n) return 'invalid';
  return { s: Math.min(seconds, 4e6), ns: Number(ns) };
}
