/**
 * Attribute tags of winsmcrd.h: `class << 16 | number`.
 *
 * @module
 */

/** Attribute class, the upper half of a tag: who made the reader. */
export const SCARD_CLASS_VENDOR_INFO = 1;
/** Attribute class, the upper half of a tag: how the reader is connected. */
export const SCARD_CLASS_COMMUNICATIONS = 2;
/** Attribute class, the upper half of a tag: what the reader can do. */
export const SCARD_CLASS_PROTOCOL = 3;
/** Attribute class, the upper half of a tag: power management. */
export const SCARD_CLASS_POWER_MGMT = 4;
/** Attribute class, the upper half of a tag: authentication of users. */
export const SCARD_CLASS_SECURITY = 5;
/** Attribute class, the upper half of a tag: mechanics. */
export const SCARD_CLASS_MECHANICAL = 6;
/** Attribute class, the upper half of a tag: vendor attributes. */
export const SCARD_CLASS_VENDOR_DEFINED = 7;
/** Attribute class, the upper half of a tag: the session with the card. */
export const SCARD_CLASS_IFD_PROTOCOL = 8;
/** Attribute class, the upper half of a tag: the card. */
export const SCARD_CLASS_ICC_STATE = 9;
/** Attribute class, the upper half of a tag: performance counters. */
export const SCARD_CLASS_PERF = 0x7FFE;
/** Attribute class, the upper half of a tag: the system around the reader. */
export const SCARD_CLASS_SYSTEM = 0x7FFF;
/** Manufacturer, a string. */
export const SCARD_ATTR_VENDOR_NAME = 0x00010100;
/** Model, a string. */
export const SCARD_ATTR_VENDOR_IFD_TYPE = 0x00010101;
/** Version 0xMMmmbbbb: major, minor, build. */
export const SCARD_ATTR_VENDOR_IFD_VERSION = 0x00010102;
/** Serial number of the reader, a string. */
export const SCARD_ATTR_VENDOR_IFD_SERIAL_NO = 0x00010103;
/** 0xDDDDCCCC: reader type and channel. */
export const SCARD_ATTR_CHANNEL_ID = 0x00020110;
/** Mask of protocols that the reader supports. */
export const SCARD_ATTR_PROTOCOL_TYPES = 0x00030120;
/** Older name of `SCARD_ATTR_PROTOCOL_TYPES`. */
export const SCARD_ATTR_ASYNC_PROTOCOL_TYPES = 0x00030120;
/** Default clock in kHz. */
export const SCARD_ATTR_DEFAULT_CLK = 0x00030121;
/** Highest clock in kHz. */
export const SCARD_ATTR_MAX_CLK = 0x00030122;
/** Default data rate in bits per second. */
export const SCARD_ATTR_DEFAULT_DATA_RATE = 0x00030123;
/** Highest data rate in bits per second. */
export const SCARD_ATTR_MAX_DATA_RATE = 0x00030124;
/** Longest T=1 information field the reader takes, in bytes. */
export const SCARD_ATTR_MAX_IFSD = 0x00030125;
/** Mask of synchronous protocols; gone from newer headers, not supported. */
export const SCARD_ATTR_SYNC_PROTOCOL_TYPES = 0x00030126;
/** 0: no power down with a card in. */
export const SCARD_ATTR_POWER_MGMT_SUPPORT = 0x00040131;
/** Devices that authenticate a user to the card; not supported. */
export const SCARD_ATTR_USER_TO_CARD_AUTH_DEVICE = 0x00050140;
/** Devices for a PIN or a feature of the user; not supported. */
export const SCARD_ATTR_USER_AUTH_INPUT_DEVICE = 0x00050142;
/** Mechanics: mask of `SCARD_READER_SWALLOWS` and its kin. */
export const SCARD_ATTR_CHARACTERISTICS = 0x00060150;
/** Selected protocol, one bit. */
export const SCARD_ATTR_CURRENT_PROTOCOL_TYPE = 0x00080201;
/** Clock in force, in kHz. */
export const SCARD_ATTR_CURRENT_CLK = 0x00080202;
/** F in force, a factor such as 372. */
export const SCARD_ATTR_CURRENT_F = 0x00080203;
/** D in force, a factor such as 12. */
export const SCARD_ATTR_CURRENT_D = 0x00080204;
/** Extra guard time integer N. */
export const SCARD_ATTR_CURRENT_N = 0x00080205;
/** Waiting integer WI of T=0. */
export const SCARD_ATTR_CURRENT_W = 0x00080206;
/** Longest T=1 information field the card takes, in bytes. */
export const SCARD_ATTR_CURRENT_IFSC = 0x00080207;
/** Longest T=1 information field the reader takes, in bytes. */
export const SCARD_ATTR_CURRENT_IFSD = 0x00080208;
/** Block waiting integer BWI of T=1. */
export const SCARD_ATTR_CURRENT_BWT = 0x00080209;
/** Character waiting integer CWI of T=1. */
export const SCARD_ATTR_CURRENT_CWT = 0x0008020A;
/** Check bytes of T=1: 0 LRC, 1 CRC. */
export const SCARD_ATTR_CURRENT_EBC_ENCODING = 0x0008020B;
/** Waiting time extension multiplier of T=1. */
export const SCARD_ATTR_EXTENDED_BWT = 0x0008020C;
/** One byte: 0 absent, 1 present, 2 in position, 4 confiscated. */
export const SCARD_ATTR_ICC_PRESENCE = 0x00090300;
/** One byte: 0 contacts inactive, else active. */
export const SCARD_ATTR_ICC_INTERFACE_STATUS = 0x00090301;
/** State of the I/O contact; not supported. */
export const SCARD_ATTR_CURRENT_IO_STATE = 0x00090302;
/** The answer to reset. */
export const SCARD_ATTR_ATR_STRING = 0x00090303;
/** One byte: 1 ISO 7816 asynchronous, 0 unknown. */
export const SCARD_ATTR_ICC_TYPE_PER_ATR = 0x00090304;
/** Vendor attribute, not supported. */
export const SCARD_ATTR_ESC_RESET = 0x0007A000;
/** Vendor attribute, not supported. */
export const SCARD_ATTR_ESC_CANCEL = 0x0007A003;
/** Vendor attribute, not supported. */
export const SCARD_ATTR_ESC_AUTHREQUEST = 0x0007A005;
/** Vendor attribute, not supported. */
export const SCARD_ATTR_MAXINPUT = 0x0007A007;
/** Exchanges counted in debug mode. */
export const SCARD_ATTR_PERF_NUM_TRANSMISSIONS = 0x7FFE0001;
/** Bytes counted in debug mode. */
export const SCARD_ATTR_PERF_BYTES_TRANSMITTED = 0x7FFE0002;
/** Ticks counted in debug mode. */
export const SCARD_ATTR_PERF_TRANSMISSION_TIME = 0x7FFE0003;
/** Number of the reader among its kind. */
export const SCARD_ATTR_DEVICE_UNIT = 0x7FFF0001;
/** Write only: the resource manager uses the reader. */
export const SCARD_ATTR_DEVICE_IN_USE = 0x7FFF0002;
/** Friendly name of the reader, ANSI: the resource manager answers it, the library has STATUS_NOT_SUPPORTED. */
export const SCARD_ATTR_DEVICE_FRIENDLY_NAME_A = 0x7FFF0003;
/** System name of the reader, ANSI: the resource manager answers it, the library has STATUS_NOT_SUPPORTED. */
export const SCARD_ATTR_DEVICE_SYSTEM_NAME_A = 0x7FFF0004;
/** Friendly name of the reader, UTF-16: the resource manager answers it, the library has STATUS_NOT_SUPPORTED. */
export const SCARD_ATTR_DEVICE_FRIENDLY_NAME_W = 0x7FFF0005;
/** System name of the reader, UTF-16: the resource manager answers it, the library has STATUS_NOT_SUPPORTED. */
export const SCARD_ATTR_DEVICE_SYSTEM_NAME_W = 0x7FFF0006;
/** Write only: no S(IFS request) until the next reset (spelt as in the header). */
export const SCARD_ATTR_SUPRESS_T1_IFS_REQUEST = 0x7FFF0007;
