/**
 * What Web IDL asks of an interface, and a class does not have by itself.
 *
 * @module
 */

/** A class, whatever its constructor takes. */
interface InterfaceClass {
  readonly name: string;
  readonly prototype: object;
}

/**
 * Gives a class the form of an interface object: operations and attributes are enumerable,
 * the prototype has a class string, and the name survives a minifier (Web IDL, Interfaces).
 *
 * @param constructorLength arguments that the constructor needs; 0 where the interface has none
 */
export function defineInterface(
  constructor: InterfaceClass,
  name: string,
  constructorLength: number,
): void {
  const { prototype } = constructor;
  for (const key of Object.getOwnPropertyNames(prototype)) {
    if (key === "constructor") continue;
    Object.defineProperty(prototype, key, { enumerable: true });
  }
  Object.defineProperty(prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
  Object.defineProperties(constructor, {
    name: { value: name, configurable: true },
    length: { value: constructorLength, configurable: true },
  });
}

/** What a constructor throws that is none in the interface. */
export function illegalConstructor(): TypeError {
  return new TypeError("Illegal constructor");
}
