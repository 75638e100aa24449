/** The host's side of a PIV card: commands in hexadecimal, and the dialogues with the keys. */
import assert from "node:assert/strict";
import { fromHex, toHex } from "../../../src/bytes.ts";
import {
  PIV_DEFAULT_MANAGEMENT_KEY,
  PivApplication,
  type PivOptions,
} from "../../../src/cards/mod.ts";

/** '123456' with 'FF' behind it. */
export const PIN = "313233343536FFFF";
/** '12345678'. */
export const PUK = "3132333435363738";
/** Another PIN, '654321'. */
export const OTHER_PIN = "363534333231FFFF";

/** VERIFY of a PIN of eight bytes. */
export function verifyPin(pin: string): string {
  return `0020008008${pin}`;
}

/** Makes the lengths of a command right; Le is 0. */
export function command(header: string, data: string): string {
  const length = data.length / 2;
  assert.ok(length < 256);
  return `${header}${length.toString(16).padStart(2, "0")}${data}00`;
}

/** AES in ECB mode on one block, by Web Crypto's CBC. */
async function aes(
  mode: "encrypt" | "decrypt",
  keyHex: string,
  block: Uint8Array,
): Promise<Uint8Array> {
  const usages: KeyUsage[] = ["encrypt", "decrypt"];
  const key = await crypto.subtle.importKey(
    "raw",
    fromHex(keyHex),
    "AES-CBC",
    false,
    usages,
  );
  const algorithm = { name: "AES-CBC", iv: new Uint8Array(16) };
  const padding = await crypto.subtle.encrypt(
    { name: "AES-CBC", iv: block.slice() },
    key,
    new Uint8Array(),
  );
  const input = mode === "encrypt"
    ? block.slice()
    : Uint8Array.from([...block, ...new Uint8Array(padding)]);
  const output = await crypto.subtle[mode](algorithm, key, input);
  return new Uint8Array(output).slice(0, 16);
}

/** A host with a card. */
export class PivHost {
  /** The card. */
  readonly card: PivApplication;
  readonly #managementKey: string;

  constructor(options: PivOptions = {}) {
    this.card = new PivApplication(options);
    this.#managementKey = options.managementKey === undefined
      ? PIV_DEFAULT_MANAGEMENT_KEY
      : toHex(options.managementKey);
  }

  /** The R-APDU, whole if GET RESPONSE has to fetch it. */
  async send(hex: string): Promise<string> {
    let answer = toHex(await this.card.process(fromHex(hex)));
    let data = answer.slice(0, -4);
    while (answer.slice(-4, -2) === "61") {
      answer = toHex(await this.card.process(fromHex("00C0000000")));
      data += answer.slice(0, -4);
    }
    return data + answer.slice(-4);
  }

  /** Commands and what the card must answer to them. */
  async run(...lines: [hex: string, answer: string][]): Promise<void> {
    for (const [index, [hex, answer]] of lines.entries()) {
      const got = await this.send(hex);
      assert.equal(got, answer.replaceAll(" ", ""), `line ${index}: ${hex}`);
    }
  }

  /** P1 of GENERAL AUTHENTICATE for the management key. */
  get algorithm(): string {
    const names = new Map([[32, "08"], [48, "0A"], [64, "0C"]]);
    return names.get(this.#managementKey.length) ?? "00";
  }

  /** GENERAL AUTHENTICATE with the management key. */
  manage(objects: string): string {
    const length = (objects.length / 2).toString(16).padStart(2, "0");
    return command(`0087${this.algorithm}9B`, `7C${length}${objects}`);
  }

  encrypt(block: string): Promise<string> {
    return aes("encrypt", this.#managementKey, fromHex(block)).then(toHexOnly);
  }

  decrypt(block: string): Promise<string> {
    return aes("decrypt", this.#managementKey, fromHex(block)).then(toHexOnly);
  }

  /** External authentication with the management key. */
  async authenticate(): Promise<void> {
    const challenge = await this.send(this.manage("8100"));
    assert.match(challenge, /^7C128110.{32}9000$/);
    const response = await this.encrypt(challenge.slice(8, -4));
    assert.equal(await this.send(this.manage(`8210${response}`)), "9000");
  }

  /** Makes a key, the management key being proved; gives what 7F49 holds. */
  async generate(reference: string, algorithm: string): Promise<string> {
    const answer = await this.send(
      `004700${reference}05AC038001${algorithm}00`,
    );
    assert.match(answer, /^7F49.*9000$/);
    return algorithm === "11" ? answer.slice(6, -4) : answer.slice(10, -4);
  }
}

function toHexOnly(bytes: Uint8Array): string {
  return toHex(bytes);
}
