/**
 * What the driver library calls: the reader's side of each request.
 *
 * @module
 */

import {
  RDF_CARD_EJECT,
  RDF_CARD_POWER,
  RDF_CARD_TRACKING,
  RDF_IOCTL_VENDOR,
  RDF_SET_PROTOCOL,
  RDF_TRANSMIT,
  SCARD_READER_EJECTS,
  STATUS_PENDING,
} from "../../smclib/mod.ts";
import { eject, transmit, vendorControl } from "./exchange.ts";
import { cardPower, setProtocol } from "./power.ts";
import type { PcscSlot } from "./slot.ts";

/** Fills the callback table of a reader. */
export function installCallbacks(slot: PcscSlot): void {
  const { ext } = slot;
  ext.readerExtension = slot;
  ext.readerFunction[RDF_CARD_POWER] = () => cardPower(slot);
  ext.readerFunction[RDF_SET_PROTOCOL] = () => setProtocol(slot);
  ext.readerFunction[RDF_TRANSMIT] = () => transmit(slot);
  // The watcher watches all the time, so there is nothing to arm.
  ext.readerFunction[RDF_CARD_TRACKING] = () => STATUS_PENDING;
  ext.readerFunction[RDF_IOCTL_VENDOR] = () => vendorControl(slot);
  if ((ext.readerCapabilities.mechProperties & SCARD_READER_EJECTS) !== 0) {
    ext.readerFunction[RDF_CARD_EJECT] = () => eject(slot);
  }
}
