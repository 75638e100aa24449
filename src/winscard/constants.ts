/**
 * Modes, dispositions, scopes, protocols, states and the like by their official names
 * (winscard.h, winsmcrd.h).
 *
 * @module
 */

import {
  SCARD_PROTOCOL_RAW,
  SCARD_PROTOCOL_T0,
  SCARD_PROTOCOL_T1,
} from "./engine_constants.ts";

/** Context of the user. */
export const SCARD_SCOPE_USER = 0;
/** Context of the terminal; obsolete, taken like the others. */
export const SCARD_SCOPE_TERMINAL = 1;
/** Context of the system. */
export const SCARD_SCOPE_SYSTEM = 2;

/** No protocol. */
export const SCARD_PROTOCOL_UNDEFINED = 0;
/** With IOCTL_SMARTCARD_SET_PROTOCOL: the best parameters that both ends can do. */
export const SCARD_PROTOCOL_OPTIMAL = 0;

/** As a length: the library makes a buffer that is long enough. */
export const SCARD_AUTOALLOCATE = 0xFFFFFFFF;
/** As a timeout: no limit. */
export const INFINITE = 0xFFFFFFFF;

/** Longest ATR with room to spare, in bytes: rgbAtr of SCARD_READERSTATE and SCARD_ATRMASK. */
export const SCARD_ATR_LENGTH = 36;
/** How many readers Windows takes; this resource manager has no limit. */
export const MAXIMUM_SMARTCARD_READERS = 10;

/** Select dialog: shown unless exactly one card fits. */
export const SC_DLG_MINIMAL_UI = 1;
/** Select dialog: never shown. */
export const SC_DLG_NO_UI = 2;
/** Select dialog: always shown. */
export const SC_DLG_FORCE_UI = 4;
/** Select dialog of old: no card names were given; never given here. */
export const SCERR_NOCARDNAME = 0x4000;
/** Select dialog of old: no interfaces were given; never given here. */
export const SCERR_NOGUIDS = 0x8000;

/** Audit: a PIN was wrong. */
export const SCARD_AUDIT_CHV_FAILURE = 0;
/** Audit: a PIN was right. */
export const SCARD_AUDIT_CHV_SUCCESS = 1;

/** Reader at a serial port. */
export const SCARD_READER_TYPE_SERIAL = 0x01;
/** Reader at a parallel port. */
export const SCARD_READER_TYPE_PARALELL = 0x02;
/** Reader in a keyboard. */
export const SCARD_READER_TYPE_KEYBOARD = 0x04;
/** Reader at SCSI. */
export const SCARD_READER_TYPE_SCSI = 0x08;
/** Reader at IDE. */
export const SCARD_READER_TYPE_IDE = 0x10;
/** Reader at USB. */
export const SCARD_READER_TYPE_USB = 0x20;
/** Reader in a PCMCIA slot. */
export const SCARD_READER_TYPE_PCMCIA = 0x40;
/** Virtual card in a TPM. */
export const SCARD_READER_TYPE_TPM = 0x80;
/** Reader by near field. */
export const SCARD_READER_TYPE_NFC = 0x100;
/** Card of a mobile network. */
export const SCARD_READER_TYPE_UICC = 0x200;
/** Credentials of the platform. */
export const SCARD_READER_TYPE_NGC = 0x400;
/** Embedded secure element. */
export const SCARD_READER_TYPE_EMBEDDEDSE = 0x800;
/** Reader of a vendor's own kind. */
export const SCARD_READER_TYPE_VENDOR = 0xF0;

/** Protocol header of a command (SCARD_IO_REQUEST). */
export interface ScardIoRequest {
  /** SCARD_PROTOCOL_* bit (dwProtocol). */
  readonly protocol: number;
  /** Length of the header with what follows it, in bytes (cbPciLength); 8 if left out. */
  readonly pciLength?: number;
}

/** Length of a protocol header without anything that follows it, in bytes. */
export const SCARD_IO_REQUEST_LENGTH = 8;

/** Protocol header for T=0 (g_rgSCardT0Pci). */
export const SCARD_PCI_T0: ScardIoRequest = Object.freeze({
  protocol: SCARD_PROTOCOL_T0,
  pciLength: SCARD_IO_REQUEST_LENGTH,
});
/** Protocol header for T=1 (g_rgSCardT1Pci). */
export const SCARD_PCI_T1: ScardIoRequest = Object.freeze({
  protocol: SCARD_PROTOCOL_T1,
  pciLength: SCARD_IO_REQUEST_LENGTH,
});
/** Protocol header for raw exchanges (g_rgSCardRawPci). */
export const SCARD_PCI_RAW: ScardIoRequest = Object.freeze({
  protocol: SCARD_PROTOCOL_RAW,
  pciLength: SCARD_IO_REQUEST_LENGTH,
});
