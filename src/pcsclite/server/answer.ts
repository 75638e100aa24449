/**
 * How commands are answered.
 *
 * @module
 */

import type { MaybePromise } from "../../bytes.ts";
import type { Struct } from "../wire/mod.ts";
import type { Client } from "./client.ts";

/** An answer, now or later; null for none. */
export type Answer = MaybePromise<Uint8Array<ArrayBuffer> | null>;

/** Answers one command. */
export type CommandHandler = (
  client: Client,
  body: Uint8Array<ArrayBuffer>,
  payload: Uint8Array,
) => Answer;

/** `done` with the result of `work`, or `failed` with what it threw, at once if possible. */
export function concluded<T, U>(
  work: () => MaybePromise<T>,
  done: (result: T) => U,
  failed: (error: unknown) => U,
): MaybePromise<U> {
  let result: MaybePromise<T>;
  try {
    result = work();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? result.then(done, failed) : done(result);
}

/**
 * The answer that repeats the request and says how it ended.
 *
 * @param done fills in what was asked for
 */
export function answered<M extends { rv: number }, T>(
  client: Client,
  struct: Struct<M>,
  body: Uint8Array<ArrayBuffer>,
  work: () => MaybePromise<T>,
  done: (result: T) => void = () => {},
): Answer {
  return concluded(work, (result) => {
    done(result);
    struct.set(body, "rv", 0 as M["rv"]);
    return body;
  }, (error) => {
    struct.set(body, "rv", client.codeOf(struct.name, error) as M["rv"]);
    return body;
  });
}
