// Makes docs/json.md and docs/json.schema.json from the table of event kinds; a test keeps the committed files equal to it.
import { EVENT_KINDS, EVENT_KIND_NAMES, type FieldType } from './events.ts';
import type { JsonObject } from './json.ts';

const MARK = '^#\\d+(\\.\\d+)?$';
const HEX = '^0x(0|[1-9a-f][0-9a-f]*)$';

const FIELD_SCHEMAS: Readonly<Record<FieldType, JsonObject>> = {
  u32: { type: 'integer', minimum: 0, maximum: 0xffffffff },
  i32: { type: 'integer', minimum: -0x80000000, maximum: 0x7fffffff },
  u64: { type: 'string', pattern: HEX },
  text: { type: 'string' },
  bytes: { type: 'string', pattern: '^([0-9a-f]{2})*$' },
  bool: { type: 'boolean' },
};

const FIELD_WORDS: Readonly<Record<FieldType, string>> = {
  u32: 'number',
  i32: 'number',
  u64: '`"0x…"`',
  text: 'text',
  bytes: 'hex digits',
  bool: 'true or false',
};

const NULLABLE = (schema: JsonObject): JsonObject => ({ anyOf: [schema, { type: 'null' }] });

function objectOf(properties: JsonObject): JsonObject {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

/** JSON Schema (2020-12) of one line: `#/$defs/event`, `#/$defs/state` and `#/$defs/why`; the root is any of them. */
export function jsonSchema(): JsonObject {
  const hexString: JsonObject = { $ref: '#/$defs/hex' };
  const mark: JsonObject = { $ref: '#/$defs/mark' };
  const registers: JsonObject = { type: 'object', additionalProperties: hexString };
  const kinds = EVENT_KIND_NAMES.map((kind): readonly [string, JsonObject] => {
    const own: Record<string, JsonObject> = {};
    for (const [name, type] of fieldsOf(kind)) {
      own[name] = FIELD_SCHEMAS[type];
      if (type === 'bytes') own[`${name}_text`] = { type: 'string' };
    }
    const common = {
      mark,
      kind: { const: kind },
      cpu: { type: 'integer', minimum: 0, maximum: 255 },
      tid: FIELD_SCHEMAS.u32,
      pc: hexString,
      symbol: NULLABLE({ type: 'string' }),
      cause: NULLABLE(mark),
    };
    return [kind, { description: EVENT_KINDS[kind].about, ...objectOf({ ...common, ...own }) }];
  });
  const slot = objectOf({
    file: { enum: ['BRP', 'WRP'] },
    slot: FIELD_SCHEMAS.u32,
    state: { enum: ['free', 'armed', 'suspended', 'armed-without-owner', 'owned-not-armed'] },
    event: NULLABLE({ type: 'string' }),
    perf_event: FIELD_SCHEMAS.u32,
    address: hexString,
    control: hexString,
  });
  const line = objectOf({ address: hexString, text: { type: 'string' }, symbol: NULLABLE({ type: 'string' }) });
  const cpu = objectOf({
    cpu: FIELD_SCHEMAS.u32,
    el: { enum: [0, 1] },
    tid: FIELD_SCHEMAS.u32,
    mm: FIELD_SCHEMAS.u32,
    pc: hexString,
    symbol: NULLABLE({ type: 'string' }),
    regs: registers,
    debug: registers,
    slots: { type: 'array', items: slot },
    disassembly: { type: 'array', items: line },
  });
  const condition = objectOf({
    name: { type: 'string' },
    ok: { type: 'boolean' },
    text: { type: 'string' },
    since: NULLABLE(mark),
  });
  const why = objectOf({
    mark,
    verdict: { enum: ['hit', 'no-hit'] },
    cpu: FIELD_SCHEMAS.u32,
    tid: FIELD_SCHEMAS.u32,
    pc: hexString,
    symbol: NULLABLE({ type: 'string' }),
    file: { enum: ['BRP', 'WRP'] },
    slot: FIELD_SCHEMAS.u32,
    event: NULLABLE({ type: 'string' }),
    address: NULLABLE(hexString),
    size: NULLABLE(FIELD_SCHEMAS.u32),
    access: NULLABLE({ enum: ['r', 'w', 'x'] }),
    conditions: { type: 'array', items: condition },
    note: { type: 'string' },
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A line of JSON printed by trapline',
    anyOf: [{ $ref: '#/$defs/event' }, { $ref: '#/$defs/state' }, { $ref: '#/$defs/why' }],
    $defs: {
      mark: { type: 'string', pattern: MARK },
      hex: { type: 'string', pattern: HEX },
      event: { anyOf: kinds.map(([kind]) => ({ $ref: `#/$defs/${kind}` })) },
      ...Object.fromEntries(kinds),
      state: objectOf({ mark, cpus: { type: 'array', items: cpu } }),
      why,
    },
  };
}

const fieldsOf = (kind: keyof typeof EVENT_KINDS): [string, FieldType][] => Object.entries(EVENT_KINDS[kind].fields);

/** docs/json.md. */
export function jsonDoc(): string {
  const kinds = EVENT_KIND_NAMES.map((kind) => {
    const fields = fieldsOf(kind).map(
      ([name, type]) => `\`${name}\` ${FIELD_WORDS[type]}${type === 'bytes' ? `, \`${name}_text\` the same as text` : ''}`,
    );
    return `| \`${kind}\` | ${EVENT_KINDS[kind].about} | ${fields.join(', ') || '(none)'} |`;
  });
  return `# JSON that trapline prints

Made from the table of event kinds (\`recordings/format/events.ts\`); \`docs/json.schema.json\` is its JSON Schema and a test
checks both against what is printed. One object a line. Numbers of 64 bits, addresses and registers are strings \`"0x…"\` in
lowercase without leading zeros; other numbers are numbers. Names stay as they are: a later version may add kinds and
fields, it does not change these.

## An event

\`trapline events FILE --format json\`, \`trapline hits FILE …\` and \`trapline last-write FILE …\` (the last two: of kind
\`watchpoint-hit\`). Every event has

| field | |
|---|---|
| \`mark\` | where it is: \`"#ICOUNT"\` or \`"#ICOUNT.EVENT"\`, as \`--at\`, \`--from\` and \`--to\` take it |
| \`kind\` | see below |
| \`cpu\`, \`tid\` | numbers |
| \`pc\` | \`"0x…"\` |
| \`symbol\` | \`"name+0x…"\` of the pc, or null |
| \`cause\` | the Mark of the event that led to it, or null |

and the fields of its kind:

| kind | what happened | fields |
|---|---|---|
${kinds.join('\n')}

A field of bytes is given in hex, and again as text in which bytes that are not UTF-8 are U+FFFD.

\`\`\`sh
trapline events run.trapline --kind watchpoint-hit --format json | jq -r '[.mark, .symbol, .old, .new] | @tsv'
\`\`\`

## A state

\`trapline state FILE --at MARK --json\` prints one object: \`mark\`, and \`cpus\`, a list of

| field | |
|---|---|
| \`cpu\`, \`el\`, \`tid\`, \`mm\` | numbers; \`tid\` and \`mm\` are 0 when the CPU is idle |
| \`pc\`, \`symbol\` | as in an event |
| \`regs\` | general, vector and system registers by their names in the manual |
| \`debug\` | the debug registers likewise |
| \`slots\` | a list: \`file\` (\`BRP\` or \`WRP\`), \`slot\`, \`state\` (\`free\`, \`armed\`, \`suspended\`, \`armed-without-owner\`, \`owned-not-armed\`), \`event\` (the owner's specification or null), \`perf_event\` (0: free), \`address\`, \`control\` |
| \`disassembly\` | lines around the pc: \`address\`, \`text\`, \`symbol\` |

## A reason

\`trapline why FILE --at MARK --json\` prints one object for each slot that holds something, or for the one asked about:

| field | |
|---|---|
| \`mark\`, \`cpu\`, \`tid\`, \`pc\`, \`symbol\` | as in an event: what is about to execute |
| \`verdict\` | \`hit\`: the comparator matches, all conditions are ok; \`no-hit\` |
| \`file\`, \`slot\`, \`event\` | as in a state |
| \`address\`, \`size\`, \`access\` | the access asked about (\`r\`, \`w\`, or \`x\`, the fetch of an instruction); null when the instruction makes none that this comparator compares |
| \`conditions\` | in the manual's order; empty when there is no access. Each: \`name\`, \`ok\`, \`text\` with the real values, \`since\`: the Mark of the event that made it so, \`"#0"\` for what has been so since power-on, null when the access decides and no register |
| \`note\` | what else is to be said, a sentence, or empty |
`;
}
