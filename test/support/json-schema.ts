// Checks a value against the part of JSON Schema that docs/json.schema.json uses. An unknown keyword is an error, so a
// schema cannot say more than is checked.

type Schema = Readonly<Record<string, unknown>>;

const IGNORED = new Set(['$schema', '$defs', 'title', 'description']);

/** Sentences saying where `value` departs from `schema`; empty when it does not. */
export function schemaErrors(value: unknown, schema: Schema, root: Schema = schema, path = '$'): string[] {
  const errors: string[] = [];
  const wrong = (text: string): void => void errors.push(`${path} ${text}: ${JSON.stringify(value)}`);
  const own = value as Readonly<Record<string, unknown>>;
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  const known = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  for (const [keyword, rule] of Object.entries(schema)) {
    switch (keyword) {
      case '$ref': {
        const target = (root['$defs'] as Readonly<Record<string, Schema>>)[String(rule).replace('#/$defs/', '')];
        if (target === undefined) throw new Error(`no definition ${String(rule)}`);
        errors.push(...schemaErrors(value, target, root, path));
        break;
      }
      case 'anyOf': {
        const all = (rule as readonly Schema[]).map((option) => schemaErrors(value, option, root, path));
        if (all.every((list) => list.length > 0))
          errors.push(`${path} is none of ${all.length} things; nearest: ${all.sort((a, b) => a.length - b.length)[0]!.join('; ')}`);
        break;
      }
      case 'const':
        if (value !== rule) wrong(`is not ${JSON.stringify(rule)}`);
        break;
      case 'enum':
        if (!(rule as readonly unknown[]).includes(value)) wrong(`is none of ${JSON.stringify(rule)}`);
        break;
      case 'type': {
        const is = {
          object: isObject,
          array: Array.isArray(value),
          string: typeof value === 'string',
          boolean: typeof value === 'boolean',
          integer: Number.isInteger(value),
          null: value === null,
        };
        if (is[rule as keyof typeof is] !== true) wrong(`is not of type ${String(rule)}`);
        break;
      }
      case 'minimum':
        if (!((value as number) >= (rule as number))) wrong('is too small');
        break;
      case 'maximum':
        if (!((value as number) <= (rule as number))) wrong('is too large');
        break;
      case 'pattern':
        if (typeof value === 'string' && !new RegExp(rule as string).test(value)) wrong(`does not match ${String(rule)}`);
        break;
      case 'items':
        if (Array.isArray(value)) value.forEach((item, i) => errors.push(...schemaErrors(item, rule as Schema, root, `${path}[${i}]`)));
        break;
      case 'properties':
        if (isObject)
          for (const [name, inner] of Object.entries(known))
            if (Object.hasOwn(own, name)) errors.push(...schemaErrors(own[name], inner, root, `${path}.${name}`));
        break;
      case 'required':
        if (isObject) for (const name of rule as readonly string[]) if (!Object.hasOwn(own, name)) wrong(`lacks ${name}`);
        break;
      case 'additionalProperties':
        if (isObject) {
          for (const [name, item] of Object.entries(own)) {
            if (Object.hasOwn(known, name)) continue;
            if (rule === false) wrong(`has the extra field ${name}`);
            else errors.push(...schemaErrors(item, rule as Schema, root, `${path}.${name}`));
          }
        }
        break;
      default:
        if (!IGNORED.has(keyword)) throw new Error(`the checker does not know the keyword ${keyword}`);
    }
  }
  return errors;
}
