/**
 * What the model's calls do to the card: resets, protocols, dispositions.
 *
 * @module
 */

import type { Model, ModelHandle } from "./model.ts";

/** Resets the card; whether it answers. */
export function resetCard(model: Model): boolean {
  const { card } = model;
  card.resets++;
  card.protocol = 0;
  card.powered = !card.mute;
  return card.powered;
}

/** Takes the power away. */
export function powerDown(model: Model): void {
  const { card } = model;
  card.resets++;
  card.protocol = 0;
  card.powered = false;
}

/** Selects a protocol, T=1 before T=0; 0 when another one is in force. */
export function selectProtocol(model: Model, welcome: number): number {
  const { card } = model;
  if (card.protocol === 0) card.protocol = (welcome & 2) !== 0 ? 2 : 1;
  return card.protocol & welcome;
}

/** A disposition other than leaving the card as it is. */
export function dispose(model: Model, disposition: number): void {
  if (!model.card.present) return;
  if (disposition === 1) resetCard(model);
  else powerDown(model);
}

/** What it takes to open the card. */
export interface Opening {
  readonly mode: ModelHandle["mode"];
  readonly protocols: number;
  /** SCARD_LEAVE_CARD, SCARD_RESET_CARD or SCARD_UNPOWER_CARD. */
  readonly initialization: number;
  /** Whether a reset to change the protocol harms nobody. */
  readonly mayReset: boolean;
}

/** Powers the card and selects a protocol; tells the error, or ties the connection to the card. */
export function openCard(
  model: Model,
  handle: ModelHandle,
  { mode, protocols, initialization, mayReset }: Opening,
): string | null {
  const { card } = model;
  const bind = (protocol: number) => {
    handle.protocol = protocol;
    handle.grip = model.grip;
    return null;
  };
  const direct = mode === "direct";
  if (!card.present) return direct ? bind(0) : "SCARD_E_NO_SMARTCARD";
  const needsPower = !card.powered && !(direct && protocols === 0);
  if (initialization !== 0 || needsPower) {
    if (!resetCard(model)) return direct ? bind(0) : model.rules.muteCard;
  }
  if (protocols === 0) return bind(0);
  let protocol = selectProtocol(model, protocols);
  if (protocol === 0 && mayReset) {
    resetCard(model);
    protocol = selectProtocol(model, protocols);
  }
  return protocol === 0 ? "SCARD_E_PROTO_MISMATCH" : bind(protocol);
}
