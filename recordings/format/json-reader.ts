// Takes parsed JSON apart strictly: every wrong type, unknown or missing field is Damage that names its path.
import { Damage } from './bytes.ts';

export class JsonReader {
  readonly #value: unknown;
  readonly #path: string;

  constructor(value: unknown, path: string) {
    this.#value = value;
    this.#path = path;
  }

  fail(text: string): never {
    throw new Damage(`has ${this.#path === '' ? 'something' : this.#path} that ${text}`, 0);
  }

  /** An object of exactly these fields. */
  fields<K extends string>(names: readonly K[]): Readonly<Record<K, JsonReader>> {
    const own = this.#object();
    for (const name of Object.keys(own)) {
      if (!names.some((known) => known === name)) this.#at(name).fail('this version does not know');
    }
    const out = {} as Record<K, JsonReader>;
    for (const name of names) {
      if (!Object.hasOwn(own, name)) this.#at(name).fail('is missing');
      out[name] = this.#at(name, own[name]);
    }
    return out;
  }

  /** An object of any short plain names. */
  entries(maxCount: number): readonly (readonly [string, JsonReader])[] {
    const own = this.#object();
    const names = Object.keys(own);
    if (names.length > maxCount) this.fail(`has ${names.length} entries; at most ${maxCount} are possible`);
    return names.map((name) => {
      if (!/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/.test(name)) this.fail('has an impossible name in it');
      return [name, this.#at(name, own[name])] as const;
    });
  }

  list(maxCount: number): readonly JsonReader[] {
    if (!Array.isArray(this.#value)) return this.fail('is not a list');
    if (this.#value.length > maxCount) this.fail(`has ${this.#value.length} items; at most ${maxCount} are possible`);
    return this.#value.map((item: unknown, i) => new JsonReader(item, `${this.#path}[${i}]`));
  }

  text(maxLength: number): string {
    if (typeof this.#value !== 'string') return this.fail('is not a text');
    if (this.#value.length > maxLength) this.fail(`is ${this.#value.length} characters long; at most ${maxLength} are possible`);
    return this.#value;
  }

  get isNull(): boolean {
    return this.#value === null;
  }

  whole(min: number, max: number): number {
    const value = this.#value;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min || value > max || Object.is(value, -0)) {
      return this.fail(`is not a whole number from ${min} to ${max}`);
    }
    return value;
  }

  /** `0x…` of at most 64 bits. */
  address(): bigint {
    const text = this.text(18);
    return /^0x[0-9a-f]{1,16}$/.test(text) ? BigInt(text) : this.fail('is not an address like 0x41f0');
  }

  #object(): Readonly<Record<string, unknown>> {
    const value = this.#value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('is not an object');
    return value as Readonly<Record<string, unknown>>;
  }

  #at(name: string, value?: unknown): JsonReader {
    const shown = name.length > 40 ? `${name.slice(0, 40)}…` : name;
    return new JsonReader(value, this.#path === '' ? shown : `${this.#path}.${shown}`);
  }
}
