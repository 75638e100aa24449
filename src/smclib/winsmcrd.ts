/**
 * Constants that reader drivers share with applications (winsmcrd.h): states, protocols, power actions, reader types.
 *
 * @module
 */

/** Reader state: the driver knows nothing yet. */
export const SCARD_UNKNOWN = 0;
/** Reader state: no card. */
export const SCARD_ABSENT = 1;
/** Reader state: card in, not in working position. */
export const SCARD_PRESENT = 2;
/** Reader state: card in working position, no power. */
export const SCARD_SWALLOWED = 3;
/** Reader state: power on, mode unknown. */
export const SCARD_POWERED = 4;
/** Reader state: reset done, PTS possible. */
export const SCARD_NEGOTIABLE = 5;
/** Reader state: reset done, protocol fixed; the one state for TRANSMIT. */
export const SCARD_SPECIFIC = 6;
/** No protocol. */
export const SCARD_PROTOCOL_UNDEFINED = 0;
/** T=0, the character protocol. */
export const SCARD_PROTOCOL_T0 = 0x00000001;
/** T=1, the block protocol. */
export const SCARD_PROTOCOL_T1 = 0x00000002;
/** No protocol of the library: bytes pass through. */
export const SCARD_PROTOCOL_RAW = 0x00010000;
/** Mask of T=0 and T=1. */
export const SCARD_PROTOCOL_Tx = 0x00000003;
/** In a SET_PROTOCOL mask: standard parameters, no optimisation by PTS. */
export const SCARD_PROTOCOL_DEFAULT = 0x80000000;
/** In a SET_PROTOCOL mask: the absence of `SCARD_PROTOCOL_DEFAULT`. */
export const SCARD_PROTOCOL_OPTIMAL = 0x00000000;
/** POWER action: cut the power. */
export const SCARD_POWER_DOWN = 0;
/** POWER action: power off, power on, reset. */
export const SCARD_COLD_RESET = 1;
/** POWER action: reset with power kept. */
export const SCARD_WARM_RESET = 2;
/** Reader type: serial; channel is the port number. */
export const SCARD_READER_TYPE_SERIAL = 0x01;
/** Reader type: parallel (spelt as in the header); channel is the port number. */
export const SCARD_READER_TYPE_PARALELL = 0x02;
/** Reader type: in a keyboard; channel is 0. */
export const SCARD_READER_TYPE_KEYBOARD = 0x04;
/** Reader type: SCSI; channel is the SCSI id. */
export const SCARD_READER_TYPE_SCSI = 0x08;
/** Reader type: IDE; channel is the device number. */
export const SCARD_READER_TYPE_IDE = 0x10;
/** Reader type: USB; channel is the device number. */
export const SCARD_READER_TYPE_USB = 0x20;
/** Reader type: PCMCIA. */
export const SCARD_READER_TYPE_PCMCIA = 0x40;
/** Reader type: trusted platform module. */
export const SCARD_READER_TYPE_TPM = 0x80;
/** Reader type: NFC; channel is 0. */
export const SCARD_READER_TYPE_NFC = 0x100;
/** Reader type: UICC; channel is 0. */
export const SCARD_READER_TYPE_UICC = 0x200;
/** Reader type: first of the vendor range 0xF0-0xFF. */
export const SCARD_READER_TYPE_VENDOR = 0xF0;
/** Mechanics: the reader draws cards in. */
export const SCARD_READER_SWALLOWS = 0x1;
/** Mechanics: the reader ejects cards. */
export const SCARD_READER_EJECTS = 0x2;
/** Mechanics: the reader can keep cards. */
export const SCARD_READER_CONFISCATES = 0x4;
/** Bytes of an SCARD_IO_REQUEST: dwProtocol and cbPciLength. */
export const SCARD_IO_REQUEST_LENGTH = 8;
