/**
 * Phoenix and Smartmouse readers: a card slot on a serial port. Importing it needs no
 * permission; opening a port needs `--allow-ffi`.
 *
 * @module
 */

export { PhoenixLink } from "./phoenix_link.ts";
export type { LineUse, PhoenixLinkOptions } from "./phoenix_options.ts";
export { SerialReader } from "./reader.ts";
export type { CardDetect, SerialReaderOptions } from "./reader_options.ts";
export {
  CHARACTER_DAMAGED,
  type InputLine,
  linesChanged,
  type LineState,
  type OutputLines,
  type SerialPort,
  SerialPortError,
  type SerialQueue,
  type SerialSettings,
} from "./serial_port.ts";
export { openSerialPort, type SerialPortOptions } from "./open_serial_port.ts";
