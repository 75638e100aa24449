// Whatever contexts, connections, cards, readers and time do, in whatever order:
// there are never two owners of a reader; nobody who waits is forgotten, and who waits longest is served first,
// within a turn of the event loop; no event is lost or counted twice; no connection works after its end; a reset is
// seen by every other connection, exactly until it reconnects; after a client died in a transaction the card is reset
// before anybody else meets it; with its context everything ends; and one call after the other each is told what the
// model says.

import fc from "fast-check";
import {
  exactProperty,
  orderedProperty,
  RUNS,
  scheduledProperty,
  SEED,
} from "./properties.ts";
import { ALL_RULES } from "./rules.ts";
import { REAL_STACK } from "./stack.ts";

const PROPERTIES = [
  ["each call is told what the model says", exactProperty],
  ["the commands decide about the order", orderedProperty],
  ["a scheduler decides about the order", scheduledProperty],
] as const;

for (const rules of ALL_RULES) {
  for (const [name, property] of PROPERTIES) {
    Deno.test(`resource manager, ${rules.profile.name}: ${name}`, async () => {
      await fc.assert(property(rules, REAL_STACK), {
        seed: SEED,
        numRuns: RUNS,
      });
    });
  }
}
