/** The form of the interfaces: what Web IDL says about properties, names and lengths. */

import assert from "node:assert/strict";
import * as api from "../../src/smart_card/mod.ts";

/** Operations with the number of arguments that they need. */
const INTERFACES: Record<string, Record<string, number>> = {
  SmartCardResourceManager: { establishContext: 0 },
  SmartCardContext: { listReaders: 0, getStatusChange: 1, connect: 2 },
  SmartCardConnection: {
    disconnect: 0,
    transmit: 1,
    startTransaction: 1,
    status: 0,
    control: 2,
    getAttribute: 1,
    setAttribute: 2,
  },
  SmartCardError: {},
};

const classes = api as unknown as Record<
  string,
  { new (...args: unknown[]): unknown; prototype: object }
>;

for (const [name, operations] of Object.entries(INTERFACES)) {
  Deno.test(`${name}: interface object and prototype`, () => {
    const Interface = classes[name];
    assert.equal(Interface.name, name);
    const { prototype } = Interface;
    assert.deepEqual(Object.getOwnPropertyDescriptor(Interface, "prototype"), {
      value: prototype,
      writable: false,
      enumerable: false,
      configurable: false,
    });
    assert.deepEqual(
      Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag),
      { value: name, writable: false, enumerable: false, configurable: true },
    );
    assert.equal(
      Object.prototype.toString.call(prototype),
      `[object ${name}]`,
    );
    assert.throws(() => Reflect.apply(Interface as never, undefined, []));
  });

  for (const [operation, length] of Object.entries(operations)) {
    Deno.test(`${name}.${operation}: an operation`, () => {
      const { prototype } = classes[name];
      const { value, ...attributes } = Object.getOwnPropertyDescriptor(
        prototype,
        operation,
      )!;
      assert.deepEqual(attributes, {
        writable: true,
        enumerable: true,
        configurable: true,
      });
      assert.equal(value.name, operation);
      assert.equal(value.length, length);
    });
  }
}

Deno.test("SmartCardContext, SmartCardConnection: illegal constructors without arguments", () => {
  for (const name of ["SmartCardContext", "SmartCardConnection"]) {
    assert.equal(classes[name].length, 0);
    for (const args of [[], [{}], [undefined]]) {
      assert.throws(() => new classes[name](...args), {
        name: "TypeError",
        message: "Illegal constructor",
      });
    }
  }
});

Deno.test("SmartCardError: inherits from DOMException; responseCode is an accessor", () => {
  const { SmartCardError } = api;
  assert.equal(Object.getPrototypeOf(SmartCardError), DOMException);
  assert.equal(SmartCardError.length, 2);
  const { get, set, enumerable, configurable } = Object
    .getOwnPropertyDescriptor(SmartCardError.prototype, "responseCode")!;
  assert.equal(get?.name, "get responseCode");
  assert.equal(set, undefined);
  assert.deepEqual([enumerable, configurable], [true, true]);
  assert.throws(() => SmartCardError.prototype.responseCode, TypeError);
  const error = new SmartCardError("x", { responseCode: "reset-card" });
  assert.equal(
    Object.prototype.toString.call(error),
    "[object SmartCardError]",
  );
  assert.deepEqual(Object.keys(error).includes("responseCode"), false);
});

Deno.test("what is disposed of asynchronously is not enumerable", () => {
  for (const name of ["SmartCardContext", "SmartCardConnection"]) {
    const found = Object.getOwnPropertyDescriptor(
      classes[name].prototype,
      Symbol.asyncDispose,
    );
    assert.equal(found?.enumerable, false);
  }
});
