/**
 * What readers are called: class, GUID, kernel names and links.
 *
 * @module
 */

/** GUID of the device interface and of the setup class of smart card readers. */
export const SmartCardReaderGuid = "{50DD5230-BA8A-11D1-BF5D-0000F805F530}";

/** Name of the setup class of smart card readers, and of their load order group. */
export const SmartCardReaderClassName = "SmartCardReader";

/** The kernel name of a reader: `\Device\<Name><unit>`. */
export function kernelDeviceName(name: string, unitNo: number): string {
  return `\\Device\\${name}${unitNo}`;
}

/** The link of a reader: `\DosDevices\SCReader<N>`, where N is the first free number and not necessarily the unit. */
export function readerLinkName(n: number): string {
  return `\\DosDevices\\SCReader${n}`;
}
