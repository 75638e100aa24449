/**
 * The service providers of this library.
 *
 * @module
 */

import { CardChannel } from "./card_channel.ts";
import type { ServiceProvider } from "./card_service.ts";
import { type Guid, parseGuid } from "./guid.ts";
import { CardAuth, CHVerification, FileAccess, ISO7816 } from "./interfaces.ts";
import { ISO_INTERFACES, IsoCardService } from "./iso_card_service.ts";
import type { PinFormat } from "./pin_format.ts";
import type { ServiceOptions } from "./service_options.ts";

/** GUID of the provider of commands: ISO7816 and CardAuth. */
export const ISO7816_PROVIDER: Guid = "{47D45E23-F690-4F1C-A708-7F177C5DD84F}";
/** GUID of the provider of files: ISO7816, CardAuth and FileAccess. */
export const FILE_ACCESS_PROVIDER: Guid =
  "{B9868130-9A0E-4D86-A861-EA90CFBE573C}";
/** GUID of the provider of cardholder verification: all that {@linkcode FILE_ACCESS_PROVIDER} has, and CHVerification. */
export const CH_VERIFICATION_PROVIDER: Guid =
  "{1A3EA4B5-F55E-473B-A91C-4016F0983347}";

/** What a provider does differently for its card types. */
export interface IsoProviderOptions extends ServiceOptions {
  /** GUIDs of the interfaces to have; default all of this library. */
  readonly interfaces?: readonly Guid[];
  /** Format of secrets; default 4 to 16 characters of ASCII. */
  readonly pinFormat?: PinFormat;
}

/**
 * A provider for cards that speak ISO/IEC 7816-4, to be registered under a GUID of one's own.
 *
 * @throws {RangeError} when `id` is no GUID, or an interface none of this library
 */
export function isoServiceProvider(
  id: Guid,
  options: IsoProviderOptions = {},
): ServiceProvider {
  const interfaces = (options.interfaces ?? ISO_INTERFACES).map(known);
  return Object.freeze<ServiceProvider>({
    id: parseGuid(id),
    interfaces,
    attach: async (connection, card, { signal } = {}) => {
      const channel = await CardChannel.open(connection, options, { signal });
      const { pinFormat } = options;
      return new IsoCardService({
        connection,
        card,
        channel,
        interfaces,
        pinFormat,
      });
    },
  });
}

/** The providers that come with this library, by their fixed GUIDs. */
export function shippedProviders(): ServiceProvider[] {
  const commands = [ISO7816.guid, CardAuth.guid];
  const files = [...commands, FileAccess.guid];
  return [
    isoServiceProvider(ISO7816_PROVIDER, { interfaces: commands }),
    isoServiceProvider(FILE_ACCESS_PROVIDER, { interfaces: files }),
    isoServiceProvider(CH_VERIFICATION_PROVIDER, {
      interfaces: [...files, CHVerification.guid],
    }),
  ];
}

function known(text: string): Guid {
  const guid = parseGuid(text);
  if (ISO_INTERFACES.includes(guid)) return guid;
  throw new RangeError(
    `Cannot make a service provider: interface ${guid} found, expected one of ${
      ISO_INTERFACES.join(", ")
    }`,
  );
}
