/**
 * Links `\DosDevices\SCReader<N>` to reader devices, kept in a table of the process.
 *
 * @module
 */

import { readerLinkName } from "./device_names.ts";
import {
  STATUS_INVALID_PARAMETER_1,
  STATUS_INVALID_PARAMETER_2,
  STATUS_SUCCESS,
} from "./status.ts";

const links = new Map<string, string>();

/** Where SmartcardCreateLink leaves the name. */
export interface LinkName {
  /** The name found, or empty. */
  linkName: string;
}

/**
 * SmartcardCreateLink: points the first free `\DosDevices\SCReader<N>` at a device. The driver owns the name.
 *
 * @returns the status (STATUS_INVALID_PARAMETER_1 without `linkName`, STATUS_INVALID_PARAMETER_2 without `deviceName`) and the name found
 */
export function SmartcardCreateLink(
  linkName: LinkName | null,
  deviceName: string | null,
): { status: number; linkName: string } {
  if (linkName === null) {
    return { status: STATUS_INVALID_PARAMETER_1, linkName: "" };
  }
  if (!deviceName) return { status: STATUS_INVALID_PARAMETER_2, linkName: "" };
  let n = 0;
  while (links.has(readerLinkName(n))) n++;
  linkName.linkName = readerLinkName(n);
  links.set(linkName.linkName, deviceName);
  return { status: STATUS_SUCCESS, linkName: linkName.linkName };
}

/** SmartcardDeleteLink: frees the name; unknown names are no error. */
export function SmartcardDeleteLink(linkName: string): void {
  links.delete(linkName);
}

/** The device that a link points at, or null. */
export function resolveLink(linkName: string): string | null {
  return links.get(linkName) ?? null;
}
