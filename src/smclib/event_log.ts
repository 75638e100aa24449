/**
 * Message ids for SmartcardLogError: what the parts mean, and those that a reader driver of the samples uses.
 *
 * @module
 */

/**
 * Message ids of the sample driver's event log, under its names. Windows registers a driver as an event source
 * with EventMessageFile and TypesSupported 7; the severity stands in the two highest bits.
 */
export const eventLogIds: {
  /** The reader was not found. */
  readonly NO_DEVICE_FOUND: 0xC0100001;
  /** The reader was found, and could not be initialized. */
  readonly CANT_INITIALIZE_READER: 0xC0100002;
  /** Memory or another resource is exhausted. */
  readonly INSUFFICIENT_RESOURCES: 0xC0100003;
  /** The interrupt could not be had. */
  readonly ERROR_INTERRUPT: 0xC0100004;
  /** The I/O port could not be had. */
  readonly ERROR_IO_PORT: 0xC0100005;
  /** Resources could not be claimed. */
  readonly ERROR_CLAIM_RESOURCES: 0xC0100006;
  /** A warning: the firmware is older than the driver expects. */
  readonly WRONG_FIRMWARE: 0x80100007;
  /** No memory. */
  readonly NO_MEMORY: 0xC0040007;
} = Object.freeze({
  NO_DEVICE_FOUND: 0xC0100001,
  CANT_INITIALIZE_READER: 0xC0100002,
  INSUFFICIENT_RESOURCES: 0xC0100003,
  ERROR_INTERRUPT: 0xC0100004,
  ERROR_IO_PORT: 0xC0100005,
  ERROR_CLAIM_RESOURCES: 0xC0100006,
  WRONG_FIRMWARE: 0x80100007,
  NO_MEMORY: 0xC0040007,
});

/** The parts of a message id. */
export interface MessageId {
  /** 0 success, 1 information, 2 warning, 3 error: bits 31 and 30. */
  readonly severity: number;
  /** Bit 29: the id is a customer's, not Microsoft's. */
  readonly isCustomer: boolean;
  /** Which component speaks: bits 27 to 16. */
  readonly facility: number;
  /** Number of the message: bits 15 to 0. */
  readonly code: number;
}

/** Takes a message id apart: severity 2 bits, customer 1, reserved 1, facility 12, code 16. */
export function parseMessageId(errorCode: number): MessageId {
  return {
    severity: errorCode >>> 30,
    isCustomer: (errorCode & 0x20000000) !== 0,
    facility: errorCode >>> 16 & 0xFFF,
    code: errorCode & 0xFFFF,
  };
}
