/**
 * NTSTATUS values of reader drivers (names and values of the public headers).
 *
 * @module
 */

/** The request succeeded. */
export const STATUS_SUCCESS = 0x00000000;
/** A *success* code; a failed exchange is `STATUS_IO_TIMEOUT`, never this. */
export const STATUS_TIMEOUT = 0x00000102;
/** The request ends later. */
export const STATUS_PENDING = 0x00000103;
/** The data do not fit into the driver's buffer. */
export const STATUS_BUFFER_OVERFLOW = 0x80000005;
/** The reader has no power. */
export const STATUS_DEVICE_POWERED_OFF = 0x8000000F;
/** Another request is still out. */
export const STATUS_DEVICE_BUSY = 0x80000011;
/** A failure without a better name. */
export const STATUS_UNSUCCESSFUL = 0xC0000001;
/** The input of the request is malformed. */
export const STATUS_INVALID_PARAMETER = 0xC000000D;
/** The reader knows no such request or protocol. */
export const STATUS_INVALID_DEVICE_REQUEST = 0xC0000010;
/** The card's answer to reset is not understood. */
export const STATUS_UNRECOGNIZED_MEDIA = 0xC0000014;
/** The driver's loop has to go round again; must not leave the driver. */
export const STATUS_MORE_PROCESSING_REQUIRED = 0xC0000016;
/** The caller's output buffer is too small. */
export const STATUS_BUFFER_TOO_SMALL = 0xC0000023;
/** The name is taken (internal to link creation). */
export const STATUS_OBJECT_NAME_COLLISION = 0xC0000035;
/** A check sum was wrong. */
export const STATUS_CRC_ERROR = 0xC000003F;
/** The device is being removed: the remove lock is refused. */
export const STATUS_DELETE_PENDING = 0xC0000056;
/** Memory or another resource is exhausted. */
export const STATUS_INSUFFICIENT_RESOURCES = 0xC000009A;
/** The reader could not be powered. */
export const STATUS_DEVICE_POWER_FAILURE = 0xC000009E;
/** The card or reader did not answer in time. */
export const STATUS_IO_TIMEOUT = 0xC00000B5;
/** The reader or card lacks this. */
export const STATUS_NOT_SUPPORTED = 0xC00000BB;
/** A programming error showed. */
export const STATUS_INTERNAL_ERROR = 0xC00000E5;
/** The first parameter is missing or wrong. */
export const STATUS_INVALID_PARAMETER_1 = 0xC00000EF;
/** The second parameter is missing or wrong. */
export const STATUS_INVALID_PARAMETER_2 = 0xC00000F0;
/** The caller cancelled the request. */
export const STATUS_CANCELLED = 0xC0000120;
/** No card is in the reader. */
export const STATUS_NO_MEDIA = 0xC0000178;
/** The reader's state forbids the request. */
export const STATUS_INVALID_DEVICE_STATE = 0xC0000184;
/** The device reported an I/O error. */
export const STATUS_IO_DEVICE_ERROR = 0xC0000185;
/** Card and reader could not keep to the protocol. */
export const STATUS_DEVICE_PROTOCOL_ERROR = 0xC0000186;
/** The reader is gone. */
export const STATUS_DEVICE_REMOVED = 0xC00002B6;
