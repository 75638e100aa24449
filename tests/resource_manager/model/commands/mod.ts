/**
 * All commands, with the weights that make runs interesting.
 *
 * @module
 */

import fc from "fast-check";
import type { ShareMode } from "../../../../src/resource_manager/mod.ts";
import { AbandonCommand } from "./abandon.ts";
import { AbortCommand } from "./abort.ts";
import { AdvanceCommand } from "./advance.ts";
import { BeginTransactionCommand } from "./begin_transaction.ts";
import { CancelCommand } from "./cancel.ts";
import type { ManagerCommand } from "./command.ts";
import { ConnectCommand } from "./connect.ts";
import { ControlCommand } from "./control.ts";
import { DieCommand } from "./die.ts";
import { DisconnectCommand } from "./disconnect.ts";
import { EndTransactionCommand } from "./end_transaction.ts";
import { EstablishCommand } from "./establish.ts";
import { HealCommand } from "./heal.ts";
import { InsertCommand } from "./insert.ts";
import { PlugCommand } from "./plug.ts";
import { ReconnectCommand } from "./reconnect.ts";
import { ReleaseCommand } from "./release.ts";
import { RemoveCommand } from "./remove.ts";
import { StatusCommand } from "./status.ts";
import { TransmitCommand } from "./transmit.ts";
import { UnplugCommand } from "./unplug.ts";
import { WatchCommand } from "./watch.ts";

const index = fc.nat(15);
const mode = fc.constantFrom<ShareMode>(
  "shared",
  "shared",
  "shared",
  "exclusive",
  "direct",
);
const protocols = fc.constantFrom(3, 3, 3, 1, 2, 0);
const disposition = fc.constantFrom(0, 0, 1, 1, 2, 3);
const initialization = fc.constantFrom(0, 0, 1, 2);

/** Time steps, in milliseconds, that never sum up to a limit exactly. */
const TIMES = [3001, 5003];

/** Weight and command. */
export const COMMANDS: readonly (readonly [
  number,
  fc.Arbitrary<ManagerCommand>,
])[] = [
  [3, fc.constantFrom(new EstablishCommand())],
  [1, index.map((index) => new ReleaseCommand(index))],
  [1, index.map((index) => new AbandonCommand(index))],
  [
    9,
    fc.tuple(index, mode, protocols).map((args) => new ConnectCommand(...args)),
  ],
  [
    4,
    fc.tuple(index, mode, protocols, initialization).map((args) =>
      new ReconnectCommand(...args)
    ),
  ],
  [
    2,
    fc.tuple(index, disposition).map((args) => new DisconnectCommand(...args)),
  ],
  [7, index.map((index) => new BeginTransactionCommand(index))],
  [
    6,
    fc.tuple(index, disposition).map((args) =>
      new EndTransactionCommand(...args)
    ),
  ],
  [7, index.map((index) => new TransmitCommand(index))],
  [2, index.map((index) => new StatusCommand(index))],
  [2, index.map((index) => new ControlCommand(index))],
  [
    2,
    fc.tuple(
      index,
      fc.constantFrom("unaware", "current", "current", "outdated"),
      fc.constantFrom(null, 0, 2000, 4000),
    ).map((args) => new WatchCommand(...args)),
  ],
  [1, index.map((index) => new CancelCommand(index))],
  [2, index.map((index) => new AbortCommand(index))],
  [
    5,
    fc.constantFrom(false, false, false, true).map((mute) =>
      new InsertCommand(mute)
    ),
  ],
  [2, fc.constantFrom(new RemoveCommand())],
  [2, fc.constantFrom(new PlugCommand())],
  [1, fc.constantFrom(new UnplugCommand())],
  [1, fc.constantFrom(new DieCommand())],
  [2, fc.constantFrom(new HealCommand())],
  [2, fc.constantFrom(...TIMES).map((time) => new AdvanceCommand(time))],
];
