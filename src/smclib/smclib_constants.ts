/**
 * Constants of the driver library (smclib.h): versions, sizes, callback slots, T=1, PTS types, debug levels.
 *
 * @module
 */

/** What drivers write into `ext.version`. */
export const SMCLIB_VERSION = 0x150;
/** Oldest version still accepted. */
export const SMCLIB_VERSION_REQUIRED = 0x100;
/** Least size of request and reply buffer, in bytes. */
export const MIN_BUFFER_SIZE = 288;
/** Longest ATR, in bytes. */
export const MAXIMUM_ATR_LENGTH = 33;
/** Least output capacity for a reset, in bytes. */
export const SCARD_ATR_LENGTH = 33;
/** Groups of interface bytes in an ATR. */
export const MAXIMUM_ATR_CODES = 4;
/** Longest string of `ext.vendorAttr`, in bytes. */
export const MAXIMUM_ATTR_STRING_LENGTH = 32;
/** System-wide limit named by the header; nothing here depends on it. */
export const MAXIMUM_SMARTCARD_READERS = 10;
/** CLA INS P1 P2 P3 with SW1 SW2, in bytes. */
export const SCARD_T0_HEADER_LENGTH = 7;
/** CLA INS P1 P2 P3, in bytes. */
export const SCARD_T0_CMD_LENGTH = 5;
/** NAD PCB LEN, in bytes. */
export const SCARD_T1_PROLOGUE_LENGTH = 3;
/** Longest epilogue (CRC), in bytes. */
export const SCARD_T1_EPILOGUE_LENGTH = 2;
/** Epilogue with an LRC, in bytes. */
export const SCARD_T1_EPILOGUE_LENGTH_LRC = 1;
/** Longest information field, in bytes. */
export const SCARD_T1_MAX_IFS = 254;
/** Memory tag of Windows; no use here. */
export const SMARTCARD_POOL_TAG = 0x34534353;
/** Callback slot: power and reset. */
export const RDF_CARD_POWER = 0;
/** Callback slot: exchange with the card. */
export const RDF_TRANSMIT = 1;
/** Callback slot: eject the card. */
export const RDF_CARD_EJECT = 2;
/** Callback slot: draw the card in. */
export const RDF_READER_SWALLOW = 3;
/** Callback slot: watch for insertion and removal. */
export const RDF_CARD_TRACKING = 4;
/** Callback slot: protocol and parameter selection. */
export const RDF_SET_PROTOCOL = 5;
/** Callback slot of the header without documentation; never called. */
export const RDF_DEBUG_LEVEL = 6;
/** Callback slot: keep the card. */
export const RDF_CARD_CONFISCATE = 7;
/** Callback slot: vendor control codes. */
export const RDF_IOCTL_VENDOR = 8;
/** Callback slot: ATRs that the library does not understand. */
export const RDF_ATR_PARSE = 9;
/** `t1.state`: nothing exchanged since the reset. */
export const T1_INIT = 0;
/** `t1.state`: ready for a command. */
export const T1_START = 1;
/** `t1.state`: an I-block is outstanding. */
export const T1_I_BLOCK = 2;
/** `t1.state`: an R-block is outstanding. */
export const T1_R_BLOCK = 3;
/** `t1.state`: the command starts again after RESYNCH. */
export const T1_RESTART = 4;
/** `t1.lastError`: check bytes or parity were wrong. */
export const T1_ERROR_CHKSUM = 1;
/** `t1.lastError`: another error, silence included. */
export const T1_ERROR_OTHER = 2;
/** PCB of S(RESYNCH request). */
export const T1_RESYNCH_REQUEST = 0xC0;
/** PCB of S(RESYNCH response). */
export const T1_RESYNCH_RESPONSE = 0xE0;
/** PCB of S(IFS request). */
export const T1_IFS_REQUEST = 0xC1;
/** PCB of S(IFS response). */
export const T1_IFS_RESPONSE = 0xE1;
/** PCB of S(ABORT request). */
export const T1_ABORT_REQUEST = 0xC2;
/** PCB of S(ABORT response). */
export const T1_ABORT_RESPONSE = 0xE2;
/** PCB of S(WTX request). */
export const T1_WTX_REQUEST = 0xC3;
/** PCB of S(WTX response). */
export const T1_WTX_RESPONSE = 0xE3;
/** PCB of the obsolete S(VPP error). */
export const T1_VPP_ERROR = 0xE4;
/** Largest IFSD, in bytes. */
export const T1_IFSD = 254;
/** IFSD that a card assumes when told nothing, in bytes. */
export const T1_IFSD_DEFAULT = 32;
/** Repetitions of a block after the first attempt. */
export const T1_MAX_RETRIES = 2;
/** M bit of an I-block. */
export const T1_MORE_DATA = 0x20;
/** Bit 0 of `edc`: CRC instead of LRC. */
export const T1_CRC_CHECK = 1;
/** Default character waiting integer. */
export const T1_CWI_DEFAULT = 13;
/** Default block waiting integer. */
export const T1_BWI_DEFAULT = 4;
/** `ptsData.type`: standard parameters. */
export const PTS_TYPE_DEFAULT = 0x00;
/** `ptsData.type`: best possible parameters. */
export const PTS_TYPE_OPTIMAL = 0x01;
/** `ptsData.type`: the driver's own values. */
export const PTS_TYPE_USER = 0x02;
/** Debug level: control requests. */
export const DEBUG_IOCTL = 0x00000001;
/** Debug level: answers to reset. */
export const DEBUG_ATR = 0x00000002;
/** Debug level: T=0 and T=1. */
export const DEBUG_PROTOCOL = 0x00000004;
/** Debug level: ordinary driver messages. */
export const DEBUG_DRIVER = 0x00000008;
/** Debug level: entry and exit of routines. */
export const DEBUG_TRACE = 0x00000010;
/** Debug level: errors, printed at every level. */
export const DEBUG_ERROR = 0x00000020;
/** Same value as `DEBUG_ERROR`. */
export const DEBUG_INFO = 0x00000020;
/** Debug level: performance counters. */
export const DEBUG_PERF = 0x10000000;
/** Debug level of the header; nothing here depends on it. */
export const DEBUG_T1_TEST = 0x40000000;
/** Debug level: every call raises an assertion. */
export const DEBUG_BREAK = 0x80000000;
/** Debug level: all ordinary messages. */
export const DEBUG_ALL = 0x0000FFFF;
