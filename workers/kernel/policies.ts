// Policies: named choices between two ways a kernel does a thing. A machine has one set; it is in the recording's header.

export const POLICIES = {
  'arm64.uninstall': {
    values: ['slot-first', 'control-first'],
    about: 'whether hw_breakpoint_control clears the slot before or after it clears the control register',
    source: 'Linux 6.19 clears the slot first; the fix proposed on linux-arm-kernel in April 2026 programs the control register first',
  },
} as const satisfies Record<string, { readonly values: readonly [string, ...string[]]; readonly about: string; readonly source: string }>;

export type PolicyName = keyof typeof POLICIES;
export type Policies = { readonly [P in PolicyName]: (typeof POLICIES)[P]['values'][number] };

/** The policies a configuration names, the first value of each where it names none; or the sentence that says what is wrong. */
export function parsePolicies(given: Readonly<Record<string, string>>): Policies | string {
  const chosen: Record<string, string> = {};
  for (const [name, row] of Object.entries(POLICIES)) chosen[name] = row.values[0];
  for (const [name, value] of Object.entries(given)) {
    const row = (POLICIES as Record<string, { values: readonly string[] }>)[name];
    if (!row) return `unknown policy '${name}': there are ${Object.keys(POLICIES).join(', ')}`;
    if (!row.values.includes(value)) return `policy ${name} is one of ${row.values.join(', ')}, not '${value}'`;
    chosen[name] = value;
  }
  return chosen as Policies;
}
