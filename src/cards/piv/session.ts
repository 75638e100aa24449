/**
 * What a reset of the card forgets.
 *
 * @module
 */
import type { PivMemory } from "./memory.ts";

/** A challenge that the card has given out. */
export interface PivChallenge {
  /** What the host must answer: a decrypted witness, or an encrypted challenge. */
  readonly kind: "witness" | "challenge";
  /** The plain bytes. */
  readonly bytes: Uint8Array;
}

/** What only the very next command may use. */
interface Moment {
  readonly isPinFresh: boolean;
  readonly challenge: PivChallenge | null;
}

const NOTHING: Moment = { isPinFresh: false, challenge: null };

/** Security status from one reset to the next. */
export class PivSession {
  /** What outlives the session. */
  readonly memory: PivMemory;
  /** Makes challenges and signatures. */
  readonly random: (length: number) => Uint8Array;
  /** Whether the management key was proved (the security status of 9B). */
  isManager = false;
  /** Whether a reset has ended this session: nothing may be kept for it any more. */
  isOver = false;
  #isPinVerified = false;
  #before = NOTHING;
  #after = NOTHING;

  /** Nothing is verified. */
  constructor(memory: PivMemory, random: (length: number) => Uint8Array) {
    this.memory = memory;
    this.random = random;
  }

  /** A command begins: what was for the one before is gone. */
  begin(): void {
    this.#before = this.#after;
    this.#after = NOTHING;
  }

  /** The security status of the PIN. */
  get isPinVerified(): boolean {
    return this.#isPinVerified;
  }

  /** Whether the command just before has verified the PIN. */
  get wasPinJustVerified(): boolean {
    return this.#before.isPinFresh;
  }

  /** The challenge that the command just before gave out. */
  get challenge(): PivChallenge | null {
    return this.#before.challenge;
  }

  /** The PIN was right, and has replaced an old one. */
  pinChanged(): void {
    this.#isPinVerified = true;
  }

  /** The PIN was right, also for what only the next command may do. */
  pinVerified(): void {
    this.#isPinVerified = true;
    this.#after = { ...this.#after, isPinFresh: true };
  }

  /** The PIN was wrong, or its status is given up. */
  pinUnverified(): void {
    this.#isPinVerified = false;
    this.#after = NOTHING;
  }

  /** The next command may answer this. */
  give(challenge: PivChallenge): void {
    this.#after = { ...this.#after, challenge };
  }
}
