/**
 * The return codes of WinSCard by their official names (winerror.h, scarderr.h).
 *
 * @module
 */

/** The call succeeded. */
export const SCARD_S_SUCCESS = 0x00000000;
/** A consistency check failed. */
export const SCARD_F_INTERNAL_ERROR = 0x80100001;
/** SCardCancel ended the wait. */
export const SCARD_E_CANCELLED = 0x80100002;
/** The context or connection is no valid one. */
export const SCARD_E_INVALID_HANDLE = 0x80100003;
/** An argument is missing or of the wrong kind. */
export const SCARD_E_INVALID_PARAMETER = 0x80100004;
/** Start-up information is missing or invalid. */
export const SCARD_E_INVALID_TARGET = 0x80100005;
/** Out of memory; of the select-card dialog: a buffer is too small. */
export const SCARD_E_NO_MEMORY = 0x80100006;
/** An internal timer ran out. */
export const SCARD_F_WAITED_TOO_LONG = 0x80100007;
/** The caller's buffer is too small; the needed length is reported. */
export const SCARD_E_INSUFFICIENT_BUFFER = 0x80100008;
/** No reader has this name. */
export const SCARD_E_UNKNOWN_READER = 0x80100009;
/** The time allowed has passed. */
export const SCARD_E_TIMEOUT = 0x8010000A;
/** Other connections prevent the operation. */
export const SCARD_E_SHARING_VIOLATION = 0x8010000B;
/** The operation needs a card, and none is in the reader. */
export const SCARD_E_NO_SMARTCARD = 0x8010000C;
/** The database has no card type of this name. */
export const SCARD_E_UNKNOWN_CARD = 0x8010000D;
/** The disposition could not be carried out. */
export const SCARD_E_CANT_DISPOSE = 0x8010000E;
/** The protocols asked for do not fit the card or the one in force. */
export const SCARD_E_PROTO_MISMATCH = 0x8010000F;
/** Reader or card is not ready. */
export const SCARD_E_NOT_READY = 0x80100010;
/** A mode, disposition, scope or the like is out of range. */
export const SCARD_E_INVALID_VALUE = 0x80100011;
/** The system ended the operation, for example to log off. */
export const SCARD_E_SYSTEM_CANCELLED = 0x80100012;
/** Communication with the reader failed. */
export const SCARD_F_COMM_ERROR = 0x80100013;
/** A failure of unknown origin. */
export const SCARD_F_UNKNOWN_ERROR = 0x80100014;
/** The bytes cannot be an ATR. */
export const SCARD_E_INVALID_ATR = 0x80100015;
/** There is no transaction that could end. */
export const SCARD_E_NOT_TRANSACTED = 0x80100016;
/** The reader is known, but gone or out of order. */
export const SCARD_E_READER_UNAVAILABLE = 0x80100017;
/** Ended so that the service can exit. */
export const SCARD_P_SHUTDOWN = 0x80100018;
/** The protocol header has no room for the answer's. */
export const SCARD_E_PCI_TOO_SMALL = 0x80100019;
/** The reader's driver does not meet the requirements. */
export const SCARD_E_READER_UNSUPPORTED = 0x8010001A;
/** Another reader has this name. */
export const SCARD_E_DUPLICATE_READER = 0x8010001B;
/** The card does not meet the requirements. */
export const SCARD_E_CARD_UNSUPPORTED = 0x8010001C;
/** The resource manager does not run. */
export const SCARD_E_NO_SERVICE = 0x8010001D;
/** The resource manager has shut down. */
export const SCARD_E_SERVICE_STOPPED = 0x8010001E;
/** Something unexpected; pcsc-lite means an unsupported feature by this number. */
export const SCARD_E_UNEXPECTED = 0x8010001F;
/** The card type has no primary service provider. */
export const SCARD_E_ICC_INSTALLATION = 0x80100020;
/** The order of object creation is not supported. */
export const SCARD_E_ICC_CREATEORDER = 0x80100021;
/** The card or reader does not support this feature. */
export const SCARD_E_UNSUPPORTED_FEATURE = 0x80100022;
/** The card has no such directory. */
export const SCARD_E_DIR_NOT_FOUND = 0x80100023;
/** The card has no such file. */
export const SCARD_E_FILE_NOT_FOUND = 0x80100024;
/** The path is no directory of the card. */
export const SCARD_E_NO_DIR = 0x80100025;
/** The path is no file of the card. */
export const SCARD_E_NO_FILE = 0x80100026;
/** Access was denied. */
export const SCARD_E_NO_ACCESS = 0x80100027;
/** The card has no room for the data. */
export const SCARD_E_WRITE_TOO_MANY = 0x80100028;
/** The file pointer could not be set. */
export const SCARD_E_BAD_SEEK = 0x80100029;
/** The PIN has the wrong form. */
export const SCARD_E_INVALID_CHV = 0x8010002A;
/** A layered component gave an unknown error. */
export const SCARD_E_UNKNOWN_RES_MNG = 0x8010002B;
/** The certificate does not exist. */
export const SCARD_E_NO_SUCH_CERTIFICATE = 0x8010002C;
/** The certificate could not be read. */
export const SCARD_E_CERTIFICATE_UNAVAILABLE = 0x8010002D;
/** There is no reader. */
export const SCARD_E_NO_READERS_AVAILABLE = 0x8010002E;
/** Data was lost on the way. */
export const SCARD_E_COMM_DATA_LOST = 0x8010002F;
/** The key container does not exist. */
export const SCARD_E_NO_KEY_CONTAINER = 0x80100030;
/** The resource manager is too busy. */
export const SCARD_E_SERVER_TOO_BUSY = 0x80100031;
/** The cached PIN has expired. */
export const SCARD_E_PIN_CACHE_EXPIRED = 0x80100032;
/** The PIN cannot be cached. */
export const SCARD_E_NO_PIN_CACHE = 0x80100033;
/** The card cannot be written. */
export const SCARD_E_READ_ONLY_CARD = 0x80100034;
/** The reader cannot talk to the card, by its ATR. */
export const SCARD_W_UNSUPPORTED_CARD = 0x80100065;
/** The card does not answer a reset. */
export const SCARD_W_UNRESPONSIVE_CARD = 0x80100066;
/** The card has no power. */
export const SCARD_W_UNPOWERED_CARD = 0x80100067;
/** The card was reset; a reconnect is needed. */
export const SCARD_W_RESET_CARD = 0x80100068;
/** The card was removed; a reconnect is needed. */
export const SCARD_W_REMOVED_CARD = 0x80100069;
/** Access was denied for reasons of security. */
export const SCARD_W_SECURITY_VIOLATION = 0x8010006A;
/** The wrong PIN was presented. */
export const SCARD_W_WRONG_CHV = 0x8010006B;
/** The PIN is blocked. */
export const SCARD_W_CHV_BLOCKED = 0x8010006C;
/** The end of the file was reached. */
export const SCARD_W_EOF = 0x8010006D;
/** The user cancelled the dialog. */
export const SCARD_W_CANCELLED_BY_USER = 0x8010006E;
/** No PIN was presented. */
export const SCARD_W_CARD_NOT_AUTHENTICATED = 0x8010006F;
/** The cache has no such item. */
export const SCARD_W_CACHE_ITEM_NOT_FOUND = 0x80100070;
/** The cached item has another freshness, and was dropped. */
export const SCARD_W_CACHE_ITEM_STALE = 0x80100071;
/** The item is too big for the cache. */
export const SCARD_W_CACHE_ITEM_TOO_BIG = 0x80100072;

/** The file or name does not exist (winerror.h): a card type has no such provider. */
export const ERROR_FILE_NOT_FOUND = 2;
/** The handle is invalid (winerror.h): what SCardIsValidContext answers. */
export const ERROR_INVALID_HANDLE = 6;
/** The request is not supported (winerror.h): the reader lacks an attribute. */
export const ERROR_NOT_SUPPORTED = 50;
/** The pipe has ended (winerror.h): no service in a remote session; never given here. */
export const ERROR_BROKEN_PIPE = 109;
