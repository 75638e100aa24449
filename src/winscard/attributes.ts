/**
 * Attributes of readers and cards by their official names (winsmcrd.h): class << 16 | tag.
 *
 * @module
 */

/** Class of attributes: who made the reader. */
export const SCARD_CLASS_VENDOR_INFO = 0x0001;
/** Class of attributes: how the reader is attached. */
export const SCARD_CLASS_COMMUNICATIONS = 0x0002;
/** Class of attributes: what the reader can do. */
export const SCARD_CLASS_PROTOCOL = 0x0003;
/** Class of attributes: power management. */
export const SCARD_CLASS_POWER_MGMT = 0x0004;
/** Class of attributes: security features. */
export const SCARD_CLASS_SECURITY = 0x0005;
/** Class of attributes: mechanics. */
export const SCARD_CLASS_MECHANICAL = 0x0006;
/** Class of attributes: the vendor's own. */
export const SCARD_CLASS_VENDOR_DEFINED = 0x0007;
/** Class of attributes: what is in force between reader and card. */
export const SCARD_CLASS_IFD_PROTOCOL = 0x0008;
/** Class of attributes: the card. */
export const SCARD_CLASS_ICC_STATE = 0x0009;
/** Class of attributes: counts and times. */
export const SCARD_CLASS_PERF = 0x7FFE;
/** Class of attributes: the resource manager's own. */
export const SCARD_CLASS_SYSTEM = 0x7FFF;
/** Vendor of the reader, a string. */
export const SCARD_ATTR_VENDOR_NAME = 0x00010100;
/** Type of the reader, a string. */
export const SCARD_ATTR_VENDOR_IFD_TYPE = 0x00010101;
/** Version of the reader, 0xMMmmbbbb. */
export const SCARD_ATTR_VENDOR_IFD_VERSION = 0x00010102;
/** Serial number of the reader, a string. */
export const SCARD_ATTR_VENDOR_IFD_SERIAL_NO = 0x00010103;
/** How the reader is attached, 0xDDDDCCCC: type and channel. */
export const SCARD_ATTR_CHANNEL_ID = 0x00020110;
/** Protocols of the reader, a mask. */
export const SCARD_ATTR_PROTOCOL_TYPES = 0x00030120;
/** The same by its older name. */
export const SCARD_ATTR_ASYNC_PROTOCOL_TYPES = 0x00030120;
/** Default clock in kHz. */
export const SCARD_ATTR_DEFAULT_CLK = 0x00030121;
/** Highest clock in kHz. */
export const SCARD_ATTR_MAX_CLK = 0x00030122;
/** Default data rate in bit/s. */
export const SCARD_ATTR_DEFAULT_DATA_RATE = 0x00030123;
/** Highest data rate in bit/s. */
export const SCARD_ATTR_MAX_DATA_RATE = 0x00030124;
/** Longest information field that the reader takes, in bytes. */
export const SCARD_ATTR_MAX_IFSD = 0x00030125;
/** Synchronous protocols of the reader, a mask. */
export const SCARD_ATTR_SYNC_PROTOCOL_TYPES = 0x00030126;
/** 0: the reader cannot power the card down. */
export const SCARD_ATTR_POWER_MGMT_SUPPORT = 0x00040131;
/** What a user can be known by to the card, a mask. */
export const SCARD_ATTR_USER_TO_CARD_AUTH_DEVICE = 0x00050140;
/** What a user enters a secret with, a mask. */
export const SCARD_ATTR_USER_AUTH_INPUT_DEVICE = 0x00050142;
/** Mechanics, a mask: 1 swallows, 2 ejects, 4 captures. */
export const SCARD_ATTR_CHARACTERISTICS = 0x00060150;
/** Vendor defined: reset. */
export const SCARD_ATTR_ESC_RESET = 0x0007A000;
/** Vendor defined: cancel. */
export const SCARD_ATTR_ESC_CANCEL = 0x0007A003;
/** Vendor defined: request for authentication. */
export const SCARD_ATTR_ESC_AUTHREQUEST = 0x0007A005;
/** Vendor defined: longest input in bytes. */
export const SCARD_ATTR_MAXINPUT = 0x0007A007;
/** Protocol in force, a bit. */
export const SCARD_ATTR_CURRENT_PROTOCOL_TYPE = 0x00080201;
/** Clock in force, in kHz. */
export const SCARD_ATTR_CURRENT_CLK = 0x00080202;
/** Clock conversion factor in force. */
export const SCARD_ATTR_CURRENT_F = 0x00080203;
/** Bit rate factor in force. */
export const SCARD_ATTR_CURRENT_D = 0x00080204;
/** Extra guard time in force. */
export const SCARD_ATTR_CURRENT_N = 0x00080205;
/** Work waiting time factor in force. */
export const SCARD_ATTR_CURRENT_W = 0x00080206;
/** Longest information field that the card takes, in bytes. */
export const SCARD_ATTR_CURRENT_IFSC = 0x00080207;
/** Longest information field that the reader takes now, in bytes. */
export const SCARD_ATTR_CURRENT_IFSD = 0x00080208;
/** Block waiting time in force. */
export const SCARD_ATTR_CURRENT_BWT = 0x00080209;
/** Character waiting time in force. */
export const SCARD_ATTR_CURRENT_CWT = 0x0008020A;
/** Error detection in force: 0 LRC, 1 CRC. */
export const SCARD_ATTR_CURRENT_EBC_ENCODING = 0x0008020B;
/** Extended block waiting time in force. */
export const SCARD_ATTR_EXTENDED_BWT = 0x0008020C;
/** Whether a card is there: 0 none, 1 not swallowed, 2 in position, 4 confiscated. */
export const SCARD_ATTR_ICC_PRESENCE = 0x00090300;
/** Whether the contacts are active: 0 or not. */
export const SCARD_ATTR_ICC_INTERFACE_STATUS = 0x00090301;
/** State of the I/O line. */
export const SCARD_ATTR_CURRENT_IO_STATE = 0x00090302;
/** Answer to reset. */
export const SCARD_ATTR_ATR_STRING = 0x00090303;
/** Kind of card: 0 unknown, 1 asynchronous, 2 synchronous. */
export const SCARD_ATTR_ICC_TYPE_PER_ATR = 0x00090304;
/** Transmissions so far. */
export const SCARD_ATTR_PERF_NUM_TRANSMISSIONS = 0x7FFE0001;
/** Bytes transmitted so far. */
export const SCARD_ATTR_PERF_BYTES_TRANSMITTED = 0x7FFE0002;
/** Time of transmissions so far. */
export const SCARD_ATTR_PERF_TRANSMISSION_TIME = 0x7FFE0003;
/** Number of the reader among those of its kind. */
export const SCARD_ATTR_DEVICE_UNIT = 0x7FFF0001;
/** Whether the reader is in use. */
export const SCARD_ATTR_DEVICE_IN_USE = 0x7FFF0002;
/** Name of the reader, one byte a character, NUL at the end. */
export const SCARD_ATTR_DEVICE_FRIENDLY_NAME_A = 0x7FFF0003;
/** System name of the reader, one byte a character, NUL at the end. */
export const SCARD_ATTR_DEVICE_SYSTEM_NAME_A = 0x7FFF0004;
/** Name of the reader in UTF-16LE, NUL at the end. */
export const SCARD_ATTR_DEVICE_FRIENDLY_NAME_W = 0x7FFF0005;
/** System name of the reader in UTF-16LE, NUL at the end. */
export const SCARD_ATTR_DEVICE_SYSTEM_NAME_W = 0x7FFF0006;
/** Whether the reader leaves out the T=1 S(IFS) request; may be set. */
export const SCARD_ATTR_SUPRESS_T1_IFS_REQUEST = 0x7FFF0007;
/** Name of the reader; this interface gives names as UTF-16. */
export const SCARD_ATTR_DEVICE_FRIENDLY_NAME: number =
  SCARD_ATTR_DEVICE_FRIENDLY_NAME_W;
/** System name of the reader; this interface gives names as UTF-16. */
export const SCARD_ATTR_DEVICE_SYSTEM_NAME: number =
  SCARD_ATTR_DEVICE_SYSTEM_NAME_W;
