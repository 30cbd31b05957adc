// Clocks of the guest: everything comes from virtual time. No timers here.
import type { KernelContext } from '../kernel-context.ts';

/** Seconds from 1970 to power-on: 2026-01-01 00:00:00 UTC. A fixed date, so that a run depends on nothing outside. */
export const BOOT_SECONDS = 1_767_225_600;

/** CLOCK_REALTIME as seconds and nanoseconds. */
export function realtime(ctx: KernelContext): readonly [number, number] {
  const ns = ctx.now();
  return [BOOT_SECONDS + Math.floor(ns / 1e9), ns % 1e9];
}
