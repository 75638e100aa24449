/**
 * What the name of a reader tells, when its driver tells nothing.
 *
 * @module
 */

/** The parts of a reader's name. */
export interface PcscReaderName {
  /** Manufacturer: the first word. */
  readonly vendor: string;
  /** Model: the name without interface, serial number and numbers. */
  readonly model: string;
  /** Serial number in brackets, or empty. */
  readonly serial: string;
  /** Number of the reader and of its slot, `RRSS`; 0 without them. */
  readonly unitNo: number;
}

/**
 * Takes a name apart as pcsc-lite makes it: `<vendor> <model> [interface] (serial) RR SS`,
 * RR and SS two hexadecimal digits.
 */
export function parseReaderName(name: string): PcscReaderName {
  const numbers = /^(.*?) ([0-9A-Fa-f]{2}) ([0-9A-Fa-f]{2})$/.exec(name);
  const text = numbers?.[1] ?? name;
  const serial = /\(([^()]*)\)/.exec(text)?.[1] ?? "";
  const model = text.replace(/\[[^\]]*\]|\([^()]*\)/g, " ")
    .replace(/\s+/g, " ").trim();
  return {
    vendor: model.split(" ")[0],
    model,
    serial,
    unitNo: numbers === null ? 0 : parseInt(numbers[2] + numbers[3], 16),
  };
}
