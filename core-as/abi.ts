/**
 * The layout and the numbers that the core and its typed face share.
 *
 * Rule for whoever edits this file: plain integer constants only, since it is
 * compiled by AssemblyScript and imported by TypeScript as it stands.
 *
 * @module
 */

// Memory map. Everything lies at fixed addresses: no allocator, no static data of the compiler.
/** Where the bytes of a CRC are folded to. */
export const CRC_FOLDED = 512;
/** Results of stateless calls: i32 words. */
export const RESULT = 1024;
/** Arguments of calls that take more than bytes: i32 words. */
export const ARGUMENTS = 1280;
/** Reaction table of the T=1 machine. */
export const T1_TABLE = 1536;
/** Factor tables of ISO/IEC 7816-3 tables 7 and 8: 16 + 16 words. */
export const FACTOR_TABLE = 2048;
/** Two tables of 256 u16 for x16+x15+x2+1: the right one, and the one with its field error. */
export const CRC_TABLE = 2560;
/** Input of stateless calls. */
export const SCRATCH = 4096;
/** A second input, or output, of stateless calls. */
export const SCRATCH_2 = 70144;
/** Sixteen tables of 256 u16: the CRC of a byte with 0 to 15 zero bytes behind it. */
export const CRC_SLICES = 136192;
/** Where the machine slots begin. */
export const SLOTS = 144384;

/** Capacity of each buffer of a slot: the largest APDU (65 544 bytes) with room for framing. */
export const BUFFER_BYTES = 66048;
/** State words of a slot come first: T=1's, then from here on T=0's. */
export const T0_STATE = 256;
/** Offsets of the four buffers within a slot. */
export const SEND = 512;
export const RECEIVE = 66560;
export const COMMAND = 132608;
export const RESPONSE = 198656;
/** One slot, in bytes. */
export const SLOT_BYTES = 264704;
/** Slots of one instance. */
export const SLOT_COUNT = 32;
/** Pages of 64 KiB: SLOTS + SLOT_COUNT * SLOT_BYTES, rounded up. */
export const MEMORY_PAGES = 132;

/** Longest thing that a machine builds: a TPDU of T=0 with 255 bytes of data; a block of T=1 has at most 259. */
export const MAX_BUILD = 260;
/** Longest response APDU: 65 536 bytes and SW1 SW2. */
export const MAX_RESPONSE = 65538;
/** Longest command APDU: header, three bytes of Lc, 65 535 bytes, two of Le. */
export const MAX_COMMAND = 65544;

// What a machine answers. Zero and above: an event. Below zero: an error.
/** The exchange is over; the response lies in the slot. */
export const MACHINE_DONE = 0;
/** Send what `build` writes, then receive and call `digest`. */
export const MACHINE_TRANSFER = 1;
/** Nothing is outstanding, or the call does not fit the state. */
export const MACHINE_E_STATE = -1;
/** The command is empty or longer than the slot's buffer. */
export const MACHINE_E_COMMAND_LENGTH = -2;
/** No valid answer after all repetitions: reset or deactivate the card (rules 6.4 and 7.4.1). */
export const MACHINE_E_RESET_CARD = -3;
/** The card aborted the chain (rule 9): the command failed, the session goes on. */
export const MACHINE_E_ABORTED = -4;
/** The answer is longer than any response APDU; EMV: or too short for SW1 SW2. */
export const MACHINE_E_RESPONSE_LENGTH = -5;
/** The card asked for more time, or changed its IFSC, more often than allowed. */
export const MACHINE_E_TOO_MANY_REQUESTS = -6;
/** RESYNCH succeeded, but it is unknown whether the command was carried out. */
export const MACHINE_E_OUTCOME_UNKNOWN = -7;
/** Silence where a character was due (T=0). */
export const MACHINE_E_TIMEOUT = -8;
/** A procedure byte that is none (ISO/IEC 7816-3 10.3.3). */
export const MACHINE_E_PROCEDURE_BYTE = -9;
/** The card went on sending where it was the reader's turn, or asked for more than there is. */
export const MACHINE_E_OVERRUN = -10;
/** INS with high nibble 6 or 9 (ISO/IEC 7816-3 10.3.2). */
export const MACHINE_E_INS = -11;
/** CLA 'FF' is reserved for PPS. */
export const MACHINE_E_CLA = -12;
/** Length and P3 of a T=0 TPDU disagree. */
export const MACHINE_E_TPDU = -13;
/** More NULL procedure bytes than allowed. */
export const MACHINE_E_TOO_MANY_NULLS = -14;
/** A receive length outside the slot's buffer. */
export const MACHINE_E_RECEIVE_LENGTH = -15;
/** EMV: the card has to be deactivated. */
export const MACHINE_E_DEACTIVATE = -16;
/** The command is none of the seven cases of an APDU. */
export const MACHINE_E_APDU = -17;
/** The answer to a TPDU has no SW1 SW2, or more data than the TPDU asks for. */
export const MACHINE_E_TPDU_RESPONSE = -18;

// Words of the T=1 state, as word indexes from the slot's start.
export const T1_W_IFSC = 0;
export const T1_W_IFSD = 1;
export const T1_W_NAD = 2;
export const T1_W_SSN = 3;
export const T1_W_RSN = 4;
export const T1_W_STATE = 5;
export const T1_W_PHASE = 6;
export const T1_W_RESEND = 7;
export const T1_W_RESYNCH = 8;
export const T1_W_LAST_ERROR = 9;
export const T1_W_MORE_DATA = 10;
export const T1_W_BYTES_TO_SEND = 11;
export const T1_W_BYTES_SENT = 12;
export const T1_W_BYTES_RECEIVED = 13;
export const T1_W_INF_SENT = 14;
export const T1_W_WTX = 15;
export const T1_W_EDC = 16;
export const T1_W_CRC_VARIANT = 17;
export const T1_W_CRC_CANDIDATES = 18;
export const T1_W_ALIVE = 19;
export const T1_W_IFSC_ATR = 20;
export const T1_W_IFSD_WANTED = 21;
export const T1_W_IFSD_ASKED = 22;
export const T1_W_JOB = 23;
export const T1_W_WTX_COUNT = 24;
export const T1_W_CHANGE_COUNT = 25;
export const T1_W_EMPTY_COUNT = 26;
export const T1_W_FLAGS = 27;
export const T1_W_OUTCOME = 28;
export const T1_W_S_VALUE = 29;
export const T1_W_R_NUMBER = 30;
export const T1_W_R_ERROR = 31;
export const T1_W_COMMAND_LENGTH = 32;
export const T1_W_WTX_MAX = 33;
export const T1_W_ANNOUNCED = 34;

// What a T=1 session is asked to do.
export const T1_JOB_NONE = 0;
export const T1_JOB_COMMAND = 1;
export const T1_JOB_IFS = 2;
export const T1_JOB_RESYNCH = 3;
export const T1_JOB_ABORT = 4;

// T1_DATA.State: numbers of the published header smclib.h.
export const T1_INIT = 0;
export const T1_START = 1;
export const T1_I_BLOCK = 2;
export const T1_R_BLOCK = 3;
export const T1_RESTART = 4;
export const T1_RESYNCH_REQUEST = 0xc0;
export const T1_IFS_REQUEST = 0xc1;
export const T1_ABORT_REQUEST = 0xc2;
export const T1_WTX_REQUEST = 0xc3;
export const T1_RESYNCH_RESPONSE = 0xe0;
export const T1_IFS_RESPONSE = 0xe1;
export const T1_ABORT_RESPONSE = 0xe2;
export const T1_WTX_RESPONSE = 0xe3;

/** Flag: a card whose last answer to the repeated S(IFS request) is an R-block is used at IFSD 32. */
export const T1_F_IFS_REFUSAL_PROCEEDS = 1;
/** Flag: after RESYNCH the command is not run again but ends with MACHINE_E_OUTCOME_UNKNOWN. */
export const T1_F_REPORT_RESYNCH = 2;
/** Flag: rules of an EMV terminal (EMV Contact Interface, level 1). */
export const T1_F_EMV = 4;
/** Flag, set by the machine: the EMV terminal has to deactivate the card, nothing else. */
export const T1_F_DEACTIVATE = 8;

/** Flag, set by the machine: no S(IFS request) until the next reset. */
export const T1_F_NO_IFS = 16;

/** Check of a T=1 block. */
export const EDC_LRC = 0;
export const EDC_CRC = 1;

/** How a CRC of T=1 is computed and sent; the field reads ISO in several ways. */
export const CRC_13239 = 0;
export const CRC_NO_COMPLEMENT = 1;
export const CRC_ARC_FAULTY = 2;
export const CRC_ARC = 3;
export const CRC_ZERO_START = 4;
export const CRC_VARIANTS = 5;

// Words of the T=0 state, as word indexes from T0_STATE.
export const T0_W_STATE = 0;
export const T0_W_LC = 1;
export const T0_W_LE = 2;
export const T0_W_SENT = 3;
export const T0_W_RECEIVED = 4;
export const T0_W_INS = 5;
export const T0_W_SEND_FROM = 6;
export const T0_W_SEND_COUNT = 7;
export const T0_W_WANTED = 8;
export const T0_W_TAKE = 9;
export const T0_W_NULLS = 10;
export const T0_W_MAX_NULLS = 11;
export const T0_W_SW1 = 12;
export const T0_W_RESPONSE_LENGTH = 13;

/** State words of the APDU layer above T=0 come from here on. */
export const T0_APDU_STATE = 384;

// Words of the APDU layer's state, as word indexes from T0_APDU_STATE.
export const T0A_W_STATE = 0;
export const T0A_W_CASE = 1;
export const T0A_W_LENGTH = 2;
export const T0A_W_NE = 3;
export const T0A_W_FLAGS = 4;
export const T0A_W_COLLECTED = 5;
export const T0A_W_SENT = 6;
export const T0A_W_FROM = 7;
export const T0A_W_LC = 8;
export const T0A_W_LE = 9;
export const T0A_W_P3 = 10;
export const T0A_W_CORRECTED = 11;
export const T0A_W_WARNING = 12;
export const T0A_W_RESPONSE_LENGTH = 13;

/** Flag: GET RESPONSE after 62xx and 63xx too (ETSI TS 102 221). */
export const T0A_F_UICC = 1;

// Words of an ATR result, from RESULT.
// The first sixteen are -1 where the ATR says nothing; four vectors fill them.
export const ATR_W_CONVENTION = 0;
export const ATR_W_TA1 = 1;
export const ATR_W_TB1 = 2;
export const ATR_W_TC1 = 3;
export const ATR_W_TA2 = 4;
export const ATR_W_TB2 = 5;
export const ATR_W_TC2 = 6;
export const ATR_W_T1_TA = 7;
export const ATR_W_T1_TB = 8;
export const ATR_W_T1_TC = 9;
export const ATR_W_T15_TA = 10;
export const ATR_W_T15_TB = 11;
export const ATR_W_TCK = 12;
export const ATR_W_HAS_T15 = 13;
export const ATR_W_TD1 = 14;
export const ATR_W_TD2 = 15;
export const ATR_W_PROBLEMS = 16;
export const ATR_W_PROTOCOLS = 17;
export const ATR_W_FIRST_OFFERED = 18;
export const ATR_W_HISTORICAL = 19;
export const ATR_W_HISTORICAL_LENGTH = 20;
export const ATR_W_TCK_REQUIRED = 21;
export const ATR_W_LENGTH_USED = 22;
export const ATR_W_FI = 23;
export const ATR_W_DI = 24;
/** Words of a row that begin as -1. */
export const ATR_ROW_ABSENT = 16;
export const ATR_ROW_WORDS = 25;
/** Rows that one batch call fills, from SCRATCH_2 on. */
export const ATR_BATCH = 512;
/** Longest ATR of a batch, in bytes; each comes behind one byte of length. */
export const ATR_BATCH_BYTES = 127;

// Problems of an ATR, one bit each.
export const ATR_P_BAD_TS = 0x1;
export const ATR_P_TOO_SHORT = 0x2;
export const ATR_P_TOO_LONG = 0x4;
export const ATR_P_TRUNCATED_IN_INTERFACE = 0x8;
export const ATR_P_TRUNCATED_IN_HISTORICAL = 0x10;
export const ATR_P_MISSING_TCK = 0x20;
export const ATR_P_BAD_TCK = 0x40;
export const ATR_P_EXTRA_BYTES = 0x80;
export const ATR_P_T15_IN_TD1 = 0x100;
export const ATR_P_PROTOCOL_UNKNOWN = 0x200;
export const ATR_P_T0_BYTES = 0x400;
export const ATR_P_RFU_FI = 0x800;
export const ATR_P_RFU_DI = 0x1000;
export const ATR_P_IFSC_00 = 0x2000;
export const ATR_P_IFSC_FF = 0x4000;
export const ATR_P_TA2_RFU = 0x8000;
export const ATR_P_TA2_NOT_OFFERED = 0x10000;
export const ATR_P_TC2_WITHOUT_T0 = 0x20000;
export const ATR_P_WI_0 = 0x40000;
export const ATR_P_BWI_RFU = 0x80000;
export const ATR_P_CLASS_RFU = 0x100000;
export const ATR_P_ORDER = 0x200000;
export const ATR_P_TC_T1_RFU = 0x400000;

// What an EMV terminal rejects in an ATR, one bit each (EMV Contact, Answer to Reset).
export const EMV_P_TA1 = 0x1;
export const EMV_P_TB1 = 0x2;
export const EMV_P_TD1 = 0x4;
export const EMV_P_TA2 = 0x8;
export const EMV_P_TB2 = 0x10;
export const EMV_P_TC2 = 0x20;
export const EMV_P_TD2 = 0x40;
export const EMV_P_IFSC = 0x80;
export const EMV_P_BWI = 0x100;
export const EMV_P_CWI = 0x200;
export const EMV_P_CWT = 0x400;
export const EMV_P_TB3_MISSING = 0x800;
export const EMV_P_TC3 = 0x1000;

// Words of an APDU result, from RESULT.
export const APDU_W_CASE = 0;
export const APDU_W_NC = 1;
export const APDU_W_NE = 2;
export const APDU_W_DATA = 3;

/** APDU cases of ISO/IEC 7816-3 12.1; 0 is malformed. */
export const APDU_MALFORMED = 0;
export const APDU_1 = 1;
export const APDU_2S = 2;
export const APDU_3S = 3;
export const APDU_4S = 4;
export const APDU_2E = 5;
export const APDU_3E = 6;
export const APDU_4E = 7;

// Arguments and results of the timing call, word indexes from ARGUMENTS and RESULT.
export const TIMING_A_F = 0;
export const TIMING_A_D = 1;
export const TIMING_A_FI = 2;
export const TIMING_A_DI = 3;
export const TIMING_A_CLOCK_KHZ = 4;
export const TIMING_A_N = 5;
export const TIMING_A_WI = 6;
export const TIMING_A_BWI = 7;
export const TIMING_A_CWI = 8;
export const TIMING_A_HAS_T15 = 9;
export const TIMING_A_PROTOCOL = 10;
export const TIMING_A_EMV = 11;
export const TIMING_W_ETU = 0;
export const TIMING_W_GT = 1;
export const TIMING_W_WT = 2;
export const TIMING_W_CWT = 3;
export const TIMING_W_BWT = 4;
export const TIMING_W_BGT = 5;
/** Of these results the value in etu lies, as a double, from TIMING_ETU on, in the same order. */
export const TIMING_ETU = RESULT + 64;

// Results of a PPS response check.
export const PPS_OK = 0;
export const PPS_E_LENGTH = -1;
export const PPS_E_PPSS = -2;
export const PPS_E_PCK = -3;
export const PPS_E_PROTOCOL = -4;
export const PPS_E_RFU = -5;
export const PPS_E_NOT_ASKED = -6;
export const PPS_E_VALUE = -7;

// Arguments and results of the selection call, word indexes from ARGUMENTS and RESULT.
export const SELECT_A_ALLOWED = 0;
export const SELECT_A_OFFERED = 1;
export const SELECT_A_FIRST = 2;
export const SELECT_A_TA1 = 3;
export const SELECT_A_TA2 = 4;
export const SELECT_A_CLOCK_KHZ = 5;
export const SELECT_A_MAX_RATE = 6;
export const SELECT_A_RATE_COUNT = 7;
export const SELECT_A_KNOWS_IMPLICIT = 8;
/** Most rates that a reader may list. */
export const SELECT_MAX_RATES = 1024;
export const SELECT_W_PROTOCOL = 0;
export const SELECT_W_FI_INDEX = 1;
export const SELECT_W_DI_INDEX = 2;

/** Use the protocol at once: specific mode, or the first offered protocol at 372/1. */
export const SELECT_DIRECT = 0;
/** Negotiate by PPS first. */
export const SELECT_PPS = 1;
/** Nothing that the card offers is allowed. */
export const SELECT_E_PROTOCOL = -1;
/** Specific mode with parameters that the reader cannot apply. */
export const SELECT_E_PARAMETERS = -2;
