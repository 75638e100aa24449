/**
 * The members of an object that comes from outside, with errors that name them.
 *
 * @module
 */

/** How a value looks in an error message. */
function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(
        value.length > 40 ? `${value.slice(0, 40)}…` : value,
      );
    case "number":
    case "boolean":
      return String(value);
    case "undefined":
      return "missing";
    case "object":
      if (value === null) return "null";
      return Array.isArray(value) ? "an array" : "an object";
    default:
      return `a ${typeof value}`;
  }
}

/** Throws what tells of a wrong member. @throws {RangeError} always */
export function refuse(path: string, found: unknown, expected: string): never {
  throw new RangeError(
    `Cannot read link fault: ${path} is ${
      describe(found)
    }, expected ${expected}`,
  );
}

/** An object whose members are read one by one. */
export class FaultMembers {
  readonly #object: object;
  readonly #path: string;

  /** Takes the object at `path`. @throws {RangeError} when it is none, or an array */
  constructor(value: unknown, path: string) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      refuse(path, value, "an object");
    }
    this.#object = value;
    this.#path = path;
  }

  /** Whether the member is there; one that is undefined is not. */
  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  /** The member as it is; inherited ones do not count. */
  get(name: string): unknown {
    return Object.getOwnPropertyDescriptor(this.#object, name)?.value;
  }

  /** Refuses members that nobody knows. @throws {RangeError} naming the first one */
  expect(...names: readonly string[]): void {
    for (const name of Object.keys(this.#object)) {
      if (names.includes(name)) continue;
      refuse(
        `${this.#path}[${describe(name)}]`,
        this.get(name),
        `no member but ${names.join(", ")}`,
      );
    }
  }

  /** An integer of `low` to `high`. @throws {RangeError} when it is something else or missing */
  integer(name: string, low: number, high: number): number {
    const value = this.get(name);
    if (
      typeof value === "number" && Number.isInteger(value) && value >= low &&
      value <= high
    ) return value;
    return refuse(`${this.#path}.${name}`, value, `${low} to ${high}`);
  }

  /** The same as an object of one member, or of none where it is missing. */
  optionalInteger<Name extends string>(
    name: Name,
    low: number,
    high: number,
  ): { readonly [name in Name]?: number } {
    if (!this.has(name)) return {};
    return { [name]: this.integer(name, low, high) } as {
      readonly [name in Name]?: number;
    };
  }

  /** One of `choices`. @throws {RangeError} when it is something else or missing */
  choice<Choice extends string>(
    name: string,
    choices: readonly Choice[],
  ): Choice {
    const value = this.get(name);
    return choices.find((each) => each === value) ??
      refuse(
        `${this.#path}.${name}`,
        value,
        choices.map((each) => JSON.stringify(each)).join(", "),
      );
  }

  /** The same as an object of one member, or of none where it is missing. */
  optionalChoice<Name extends string, Choice extends string>(
    name: Name,
    choices: readonly Choice[],
  ): { readonly [name in Name]?: Choice } {
    if (!this.has(name)) return {};
    return { [name]: this.choice(name, choices) } as {
      readonly [name in Name]?: Choice;
    };
  }
}
