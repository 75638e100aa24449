/**
 * What the card remembers from one command to the next, and a reset forgets.
 *
 * @module
 */

import { fail } from "../file_system/status_words.ts";
import type { OpenPgpMemory } from "./memory.ts";
import { CommandChain, ResponseRest } from "./messages.ts";
import { SLOTS } from "./slots.ts";
import type { KeyState } from "./state.ts";
import { SW } from "./status_words.ts";

/** The passwords as VERIFY refers to them: PW1 to sign, PW1 for all else, PW3. */
export type PasswordReference = 0x81 | 0x82 | 0x83;

/** Who may do something: anybody, who verified one of the passwords, or nobody. */
export type Access = "always" | PasswordReference;

const DECRYPTION = SLOTS[1].index;
const AUTHENTICATION = SLOTS[2].index;

/** From reset to reset. */
export class OpenPgpSession {
  /** What a reset leaves. */
  readonly memory: OpenPgpMemory;
  /** Fills challenges, and numbers used once. */
  readonly random: (length: number) => Uint8Array;
  /** Chained commands that are not complete. */
  readonly chain: CommandChain = new CommandChain();
  /** What GET RESPONSE will fetch. */
  readonly rest: ResponseRest = new ResponseRest();
  readonly #verified = new Set<PasswordReference>();
  #isOver = false;
  /** Index of the key that PSO:DECIPHER takes; MANAGE SECURITY ENVIRONMENT sets it. */
  decryptionKey: number = DECRYPTION;
  /** Index of the key that INTERNAL AUTHENTICATE takes. */
  authenticationKey: number = AUTHENTICATION;
  /** Which certificate SELECT DATA chose. */
  certificate = 0;

  /** Nothing is verified. */
  constructor(
    memory: OpenPgpMemory,
    random: (length: number) => Uint8Array,
  ) {
    this.memory = memory;
    this.random = random;
  }

  /** A reset has come: a command that is still under way changes nothing any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Ends the command when a reset came while it waited; nobody reads the status. */
  requireOngoing(): void {
    if (this.#isOver) fail(SW.CONDITIONS_OF_USE_NOT_SATISFIED);
  }

  /** The application is selected: the keys and the certificate are those of a reset. */
  select(): void {
    this.decryptionKey = DECRYPTION;
    this.authenticationKey = AUTHENTICATION;
    this.certificate = 0;
  }

  /** Lets pass whoever may, ends the command with 6982 otherwise. */
  require(access: Access): void {
    if (access !== "always" && !this.#verified.has(access)) {
      fail(SW.SECURITY_STATUS_NOT_SATISFIED);
    }
  }

  /** Whether the password is verified. */
  isVerified(reference: PasswordReference): boolean {
    return this.#verified.has(reference);
  }

  /** Notes that the password is verified, or is not. */
  setVerified(reference: PasswordReference, isVerified: boolean): void {
    if (isVerified) this.#verified.add(reference);
    else this.#verified.delete(reference);
  }

  /** Nothing is verified any more. */
  forgetPasswords(): void {
    this.#verified.clear();
  }

  /** What belongs to the key with this index, to change. */
  editKey(index: number): KeyState {
    return this.memory.edit().keys[index];
  }
}
