/**
 * The casts that are walked.
 *
 * @module
 */

import type { Cast, Event, Step } from "./walk_players.ts";

/** What a client does, three calls each. */
const PROGRAMS: readonly (readonly Step[])[] = [
  ["begin", "transmit", "end"],
  ["begin", "transmit", "end reset"],
  ["begin", "end reset", "transmit"],
  ["begin", "begin", "disconnect"],
  ["begin", "transmit", "abandon"],
  ["begin", "disconnect reset", "connect exclusive"],
  ["begin", "reconnect reset", "transmit"],
  ["transmit", "status", "disconnect"],
  ["transmit", "disconnect reset", "connect"],
  ["reconnect exclusive", "transmit", "disconnect"],
  ["reconnect reset", "begin", "end"],
  ["connect", "begin", "release"],
];

const EVENTS: readonly Event[] = [
  "remove",
  "exchange",
  "reset",
  "unplug",
  "die",
  "idle",
];

/** Every pair of programs, with every event. */
export function allCasts(): Cast[] {
  return PROGRAMS.flatMap((first, index) =>
    PROGRAMS.slice(index).flatMap((second) =>
      EVENTS.map((event) => ({ clients: [first, second], event }))
    )
  );
}

/** Some that meet the rules that are broken most easily. */
export const SHORT_CASTS: readonly Cast[] = [
  { clients: [PROGRAMS[4], PROGRAMS[0]], event: "remove" },
  { clients: [PROGRAMS[1], PROGRAMS[7]], event: "reset" },
];
