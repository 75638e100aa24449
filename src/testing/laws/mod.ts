/**
 * All laws.
 *
 * @module
 */

import type { Law } from "../law.ts";
import { t1RecoveryLaws } from "./t1_recovery.ts";
import { powerDownLaws } from "./power_down.ts";
import { parameterSelectionLaws } from "./parameter_selection.ts";
import { exchangeLaws } from "./exchanges.ts";
import { cardAttributeLaws } from "./card_attributes.ts";
import { attributeLaws } from "./attributes.ts";
import { interfaceLaws } from "./interface.ts";
import { endLaws } from "./end_of_reader.ts";
import { waitingTimeLaws } from "./waiting_times.ts";
import { interruptionLaws } from "./interruptions.ts";
import { powerManagementLaws } from "./power_management.ts";
import { presenceLaws } from "./presence.ts";
import { protocolSelectionLaws } from "./protocol_selection.ts";
import { removalLaws } from "./removal.ts";
import { requestLaws } from "./requests.ts";
import { resetLaws } from "./reset.ts";
import { t0Laws } from "./t0.ts";
import { t1Laws } from "./t1.ts";
import { trackingLaws } from "./tracking.ts";
import { transmitLaws } from "./transmit.ts";

/** The law book, in the order in which it is run. */
export const laws: readonly Law[] = [
  ...presenceLaws,
  ...trackingLaws,
  ...removalLaws,
  ...interruptionLaws,
  ...interfaceLaws,
  ...attributeLaws,
  ...cardAttributeLaws,
  ...resetLaws,
  ...powerDownLaws,
  ...protocolSelectionLaws,
  ...parameterSelectionLaws,
  ...transmitLaws,
  ...exchangeLaws,
  ...t0Laws,
  ...t1Laws,
  ...t1RecoveryLaws,
  ...waitingTimeLaws,
  ...requestLaws,
  ...endLaws,
  ...powerManagementLaws,
];
