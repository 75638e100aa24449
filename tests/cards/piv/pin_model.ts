/** A model of PIN and PUK: what may happen to them, and what the card must answer. */
import fc from "fast-check";
import { toHex } from "../../../src/bytes.ts";
import { verifyPin } from "./piv_host.ts";

const PINS = ["123456", "654321", "11223344"];
const PUKS = ["12345678", "87654321"];

/** What the model may do. */
export type Step =
  | { kind: "verify"; pin: string }
  | { kind: "malformed" }
  | { kind: "change"; old: string; next: string }
  | { kind: "changePuk"; old: string; next: string }
  | { kind: "unblock"; puk: string; next: string }
  | { kind: "giveUp" | "reset" | "broken" | "reload" };

const pin = fc.constantFrom(...PINS, "123456");
const puk = fc.constantFrom(...PUKS, "12345678");
/** Steps of any kind. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("verify"), pin }),
  fc.record({ kind: fc.constant("change"), old: pin, next: pin }),
  fc.record({ kind: fc.constant("changePuk"), old: puk, next: puk }),
  fc.record({ kind: fc.constant("unblock"), puk, next: pin }),
  fc.record({ kind: fc.constant("malformed") }),
  fc.record({ kind: fc.constantFrom("giveUp", "reset", "broken", "reload") }),
);
function padded(text: string): string {
  return toHex(new TextEncoder().encode(text)).padEnd(16, "F");
}

/** The counters as they must be. */
export class Model {
  pin = { value: "123456", left: 3 };
  puk = { value: "12345678", left: 3 };
  isVerified = false;
  /** PIN and PUK in the store. */
  #saved = { pin: this.pin, puk: this.puk };

  /** Compares; `fails` says that saving does. @returns the status that a comparison ends with, null for success */
  compare(
    name: "pin" | "puk",
    given: string,
    fails: boolean,
    next?: string,
  ): string | null {
    const secret = { ...this[name] };
    if (secret.left === 0) return "6983";
    if (given !== secret.value) {
      secret.left--;
      if (name === "pin") this.isVerified = false;
      this[name] = secret;
      if (!fails) this.#save();
      return fails ? "6581" : `63C${secret.left}`;
    }
    const isChange = next !== undefined || secret.left < 3;
    if (!isChange) return null;
    if (fails) return "6581";
    this[name] = { value: next ?? secret.value, left: 3 };
    this.#save();
    return null;
  }

  /** The card loses its power, and comes back out of the store. */
  reload(): void {
    this.isVerified = false;
    this.pin = this.#saved.pin;
    this.puk = this.#saved.puk;
  }

  #save(): void {
    this.#saved = { pin: this.pin, puk: this.puk };
  }

  expect(step: Step, fails: boolean): string {
    switch (step.kind) {
      case "verify": {
        const status = this.compare("pin", step.pin, fails);
        if (status === null) this.isVerified = true;
        return status ?? "9000";
      }
      case "change": {
        const status = this.compare("pin", step.old, fails, step.next);
        if (status === null) this.isVerified = true;
        return status ?? "9000";
      }
      case "changePuk":
        return this.compare("puk", step.old, fails, step.next) ?? "9000";
      case "unblock": {
        const status = this.compare("puk", step.puk, fails);
        if (status !== null) return status;
        if (fails) return "6581";
        this.pin = { value: step.next, left: 3 };
        this.#save();
        return "9000";
      }
      case "malformed":
        return this.pin.left === 0 ? "6983" : "6A80";
      case "giveUp":
        this.isVerified = false;
        return "9000";
      case "broken":
        return "6D00";
      default:
        this.isVerified = false;
        return "";
    }
  }

  get status(): string {
    if (this.isVerified) return "9000";
    return this.pin.left === 0 ? "6983" : `63C${this.pin.left}`;
  }
}

/** The command of a step. */
export function commandOf(step: Step): string {
  switch (step.kind) {
    case "verify":
      return verifyPin(padded(step.pin));
    case "change":
      return `0024008010${padded(step.old)}${padded(step.next)}`;
    case "changePuk":
      return `0024008110${padded(step.old)}${padded(step.next)}`;
    case "unblock":
      return `002C008010${padded(step.puk)}${padded(step.next)}`;
    case "malformed":
      return verifyPin("31323334FFFFFFFF");
    case "giveUp":
      return "0020FF80";
    default:
      return "00FF0000";
  }
}
