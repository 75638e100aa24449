/**
 * A link that tells what passes over it.
 *
 * @module
 */

import { chain, type MaybePromise } from "../../bytes.ts";
import type { CardLink } from "../../contact_reader/mod.ts";

/** What happened on a link. `bytes` are a copy. */
export type LinkEvent =
  | { kind: "reset"; reset: "cold" | "warm" }
  | { kind: "power-off" }
  | { kind: "sent"; bytes: Uint8Array }
  | { kind: "received"; bytes: Uint8Array; wanted: number };

/** Wraps `link`: the same link, and `observe` hears of everything. */
export function traceLink(
  link: CardLink,
  observe: (event: LinkEvent) => void,
): CardLink {
  return {
    reset(kind) {
      observe({ kind: "reset", reset: kind });
      return link.reset(kind);
    },
    powerOff() {
      observe({ kind: "power-off" });
      return link.powerOff();
    },
    send(bytes) {
      observe({ kind: "sent", bytes: bytes.slice() });
      return link.send(bytes);
    },
    receive(target, offset, wanted, wait): MaybePromise<number> {
      return chain(link.receive(target, offset, wanted, wait), (count) => {
        const bytes = target.slice(offset, offset + count);
        observe({ kind: "received", bytes, wanted });
        return count;
      });
    },
    get available() {
      return link.available;
    },
  };
}
