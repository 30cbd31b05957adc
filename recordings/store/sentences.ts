// What to tell a person when the browser's storage refuses: full disks, private windows, newer versions. No other logic.

/** Names of the errors in a chain of wrappers (Dexie keeps the cause in `inner` or in a list of failures). */
function namesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 8) return [];
  const { name, inner, failures } = error as { readonly name?: unknown; readonly inner?: unknown; readonly failures?: readonly unknown[] };
  const own = typeof name === 'string' ? [name] : [];
  const within = Array.isArray(failures) ? failures.slice(0, 3).flatMap((failure) => namesOf(failure, depth + 1)) : [];
  return [...own, ...namesOf(inner, depth + 1), ...within];
}

/** One sentence with the way out. `doing` completes "could not …". */
export function storageSentence(error: unknown, doing: string): string {
  const names = namesOf(error);
  const has = (...wanted: string[]): boolean => wanted.some((name) => names.includes(name));
  if (has('QuotaExceededError')) {
    return `Could not ${doing}: the storage this browser gives is full. Delete recordings from the library, or export them first, and try again.`;
  }
  if (has('VersionError')) {
    return `Could not ${doing}: the library was written by a newer Trapline. Open it with that version; nothing was changed.`;
  }
  if (has('MissingAPIError', 'SecurityError', 'InvalidStateError', 'NotAllowedError', 'OpenFailedError')) {
    return `Could not ${doing}: this window does not allow storage (is it a private window?). Recordings can be made and exported, but are gone when it is closed.`;
  }
  if (has('DatabaseClosedError')) {
    return `Could not ${doing}: the library was closed because another window opened it with a newer version. Reload this window.`;
  }
  if (has('ConstraintError', 'DataError', 'DataCloneError', 'TypeError', 'ReferenceError')) throw error;
  return `Could not ${doing}: the browser's storage failed (${names[0] ?? 'unknown error'}). Export what is open, and try again.`;
}
