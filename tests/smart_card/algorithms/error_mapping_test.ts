/** The exceptions of every PC/SC response code. */

import assert from "node:assert/strict";
import {
  SmartCardError,
  type SmartCardResponseCode,
} from "../../../src/smart_card/mod.ts";
import { toWebError } from "../../../src/smart_card/errors.ts";
import {
  ResourceManagerError,
  SCARD_CODES,
  type ScardName,
} from "../../../src/resource_manager/mod.ts";

const RESPONSE_CODES: Partial<Record<ScardName, SmartCardResponseCode>> = {
  SCARD_E_NO_SERVICE: "no-service",
  SCARD_E_NO_SMARTCARD: "no-smartcard",
  SCARD_E_NOT_READY: "not-ready",
  SCARD_E_NOT_TRANSACTED: "not-transacted",
  SCARD_E_PROTO_MISMATCH: "proto-mismatch",
  SCARD_E_READER_UNAVAILABLE: "reader-unavailable",
  SCARD_W_REMOVED_CARD: "removed-card",
  SCARD_W_RESET_CARD: "reset-card",
  SCARD_E_SERVER_TOO_BUSY: "server-too-busy",
  SCARD_E_SHARING_VIOLATION: "sharing-violation",
  SCARD_E_SYSTEM_CANCELLED: "system-cancelled",
  SCARD_E_UNKNOWN_READER: "unknown-reader",
  SCARD_W_UNPOWERED_CARD: "unpowered-card",
  SCARD_W_UNRESPONSIVE_CARD: "unresponsive-card",
  SCARD_W_UNSUPPORTED_CARD: "unsupported-card",
  SCARD_E_UNSUPPORTED_FEATURE: "unsupported-feature",
};

const OTHERS: Partial<Record<ScardName, string>> = {
  SCARD_E_INVALID_PARAMETER: "TypeError",
  SCARD_E_INVALID_HANDLE: "InvalidStateError",
  SCARD_E_SERVICE_STOPPED: "InvalidStateError",
  SCARD_P_SHUTDOWN: "AbortError",
};

for (const name of Object.keys(SCARD_CODES) as ScardName[]) {
  const responseCode = RESPONSE_CODES[name];
  const expected = responseCode ?? OTHERS[name] ?? "UnknownError";
  Deno.test(`error mapping: ${name} is ${expected}`, () => {
    const cause = new ResourceManagerError(name, "what happened");
    const error = toWebError(cause) as Error;
    assert.equal(error.message, "what happened");
    assert.equal(error.cause, cause);
    if (responseCode === undefined) {
      assert.equal(error.name, expected);
      assert.equal(error instanceof DOMException, expected !== "TypeError");
      assert.equal(error instanceof SmartCardError, false);
      assert.equal(error instanceof TypeError, expected === "TypeError");
      return;
    }
    assert(error instanceof SmartCardError && error instanceof DOMException);
    assert.equal(error.name, "SmartCardError");
    assert.equal(error.responseCode, responseCode);
    assert.equal(error.scardName, name);
    assert.equal(error.pcscCode, SCARD_CODES[name]);
    assert.equal(error.scardCode, SCARD_CODES[name]);
  });
}

Deno.test("error mapping: what is no response code stays what it is", () => {
  for (const error of [new TypeError("x"), new Error("x"), "x", undefined]) {
    assert.equal(toWebError(error), error);
  }
});

Deno.test("error mapping: the reason of the caller's abort stays what it is", () => {
  const reason = new ResourceManagerError("SCARD_E_TIMEOUT", "the caller's");
  const signal = AbortSignal.abort(reason);
  assert.equal(toWebError(reason, signal), reason);
  const other = new ResourceManagerError("SCARD_E_TIMEOUT", "ours");
  assert.notEqual(toWebError(other, signal), other);
  const open = new AbortController().signal;
  assert.notEqual(toWebError(reason, open), reason);
});

Deno.test("SmartCardError: message, cause, and what is refused", () => {
  const plain = new SmartCardError(undefined, { responseCode: "not-ready" });
  assert.equal(plain.message, "");
  assert.equal(plain.code, 0);
  assert.equal("cause" in plain, false);
  const cause = new Error("underneath");
  const caused = new SmartCardError("x", { responseCode: "not-ready", cause });
  assert.equal(caused.cause, cause);
  assert.equal(Object.keys(caused).includes("cause"), false);
  assert.equal(
    new SmartCardError(null as never, { responseCode: "not-ready" }).message,
    "null",
  );
  const make = SmartCardError as unknown as new (
    ...args: unknown[]
  ) => SmartCardError;
  for (
    const args of [
      [],
      ["x"],
      ["x", null],
      ["x", {}],
      ["x", 5],
      ["x", { responseCode: "no-luck" }],
      ["x", { responseCode: null }],
      [Symbol("x"), { responseCode: "not-ready" }],
    ]
  ) assert.throws(() => new make(...args), TypeError);
  assert.throws(() => {
    (plain as { responseCode: string }).responseCode = "reset-card";
  }, TypeError);
});
