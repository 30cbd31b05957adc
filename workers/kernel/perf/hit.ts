// perf_bp_event and swevent counting: what a hit means to the perf_event. Sampling into ring buffers is not there yet.
import { ATTR, type PerfEvent } from './records.ts';

/** Counts a hit; false when the event is stopped or excludes this mode. */
export function perf_bp_event(event: PerfEvent, user: boolean): boolean {
  if (event.stopped) return false;
  if (user ? (event.attr.flags & ATTR.exclude_user) !== 0n : (event.attr.flags & ATTR.exclude_kernel) !== 0n) return false;
  event.count++;
  return true;
}
