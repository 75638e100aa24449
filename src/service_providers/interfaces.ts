/**
 * The interfaces that service providers of this library have.
 *
 * @module
 */

import type { CardAuthentication } from "./card_authentication.ts";
import type { CardFiles } from "./card_files.ts";
import type { CardholderVerification } from "./cardholder_verification.ts";
import { type InterfaceToken, interfaceToken } from "./interface_token.ts";
import type { Iso7816Commands } from "./iso7816_commands.ts";

/** Builds commands of ISO/IEC 7816-4, which `CardService.send` sends; the GUID of ISCardISO7816. */
export const ISO7816: InterfaceToken<Iso7816Commands> = interfaceToken(
  "{53B6AA68-3F56-11D0-916B-00AA00C18068}",
  "ISO7816",
);

/** Files by path (ISCardFileAccess); a GUID of this library. */
export const FileAccess: InterfaceToken<CardFiles> = interfaceToken(
  "{628813B8-D2E1-41A7-BF46-4F0B532D1EC6}",
  "FileAccess",
);

/** PINs (ISCardVerify); a GUID of this library. */
export const CHVerification: InterfaceToken<CardholderVerification> =
  interfaceToken("{1B5DABD3-B04C-4E50-B350-B511E6856188}", "CHVerification");

/** Authentication of card and application (ISCardAuth); a GUID of this library. */
export const CardAuth: InterfaceToken<CardAuthentication> = interfaceToken(
  "{2D7C295D-D637-4BF3-BE16-D0415C7C17E9}",
  "CardAuth",
);
