/**
 * Service providers: code that knows card types, and offers their files, PINs and commands as
 * interfaces. From an interface to a card in one call: {@linkcode open}.
 *
 * @module
 */

export type { DataObject } from "./ber_tlv.ts";
export {
  type AuthenticationOptions,
  CardAuthentication,
} from "./card_authentication.ts";
export {
  type CardCapabilities,
  cardCapabilities,
} from "./card_capabilities.ts";
export { CardChannel } from "./card_channel.ts";
export { CardFile, MAX_UNKNOWN_FILE_BYTES } from "./card_file.ts";
export type { CardApplicationEntry } from "./application_directory.ts";
export { CardFiles } from "./card_files.ts";
export type { LockOptions } from "./card_lock.ts";
export type {
  AttachOptions,
  CardService,
  ReattachOptions,
  ServiceProvider,
} from "./card_service.ts";
export type { CardDirectory, CardTypeEntry } from "./card_type_entry.ts";
export { CardTypeList } from "./card_type_list.ts";
export {
  CardholderVerification,
  type VerificationOptions,
  type VerificationState,
} from "./cardholder_verification.ts";
export {
  type CommandApdu,
  encodeCommand,
  parseCommand,
} from "./command_apdu.ts";
export { withCommandChaining } from "./command_chaining.ts";
export {
  type FileKind,
  type FileProperties,
  readFileProperties,
} from "./file_properties.ts";
export { fileTemplate, type NewFile } from "./file_template.ts";
export { type GetResponseOptions, withGetResponse } from "./get_response.ts";
export {
  type Guid,
  GUID_BYTES,
  guidFromBytes,
  guidToBytes,
  isGuid,
  parseGuid,
} from "./guid.ts";
export { type InterfaceToken, interfaceToken } from "./interface_token.ts";
export { CardAuth, CHVerification, FileAccess, ISO7816 } from "./interfaces.ts";
export {
  type AuthenticationReference,
  Iso7816Commands,
} from "./iso7816_commands.ts";
export type { BinaryPlace, RecordMode, RecordPlace } from "./iso7816_fields.ts";
export {
  ISO_INTERFACES,
  type IsoCardParts,
  IsoCardService,
} from "./iso_card_service.ts";
export {
  CH_VERIFICATION_PROVIDER,
  FILE_ACCESS_PROVIDER,
  ISO7816_PROVIDER,
  type IsoProviderOptions,
  isoServiceProvider,
  shippedProviders,
} from "./iso_service_provider.ts";
export { withLeCorrection } from "./le_correction.ts";
export {
  DEFAULT_LOCATE_TIMEOUT_MS,
  locate,
  type LocatedCard,
  type LocateOptions,
} from "./locate.ts";
export {
  activateFile,
  changeReferenceData,
  createFile,
  deactivateFile,
  deleteFile,
  forgetVerification,
  resetRetryCounter,
} from "./management_commands.ts";
export { open, type OpenedCard, type OpenOptions } from "./open.ts";
export {
  encodePin,
  type PinEncoding,
  type PinFormat,
  type PinValue,
} from "./pin_format.ts";
export {
  type ProviderFactory,
  type ProviderModule,
  ProviderRegistry,
  ServiceProviderError,
} from "./provider_registry.ts";
export {
  CardAnswerError,
  parseResponse,
  type ResponseApdu,
  SW_OK,
} from "./response_apdu.ts";
export type { SelectAnswer, SelectBy, SelectTarget } from "./select_fields.ts";
export {
  connectionSender,
  type Send,
  type SendOptions,
  type Transmitter,
} from "./sender.ts";
export type {
  ChunkSizes,
  ServiceOptions,
  ServiceProtocol,
} from "./service_options.ts";
export { CardStatusError, expectOk } from "./status_error.ts";
export { retriesLeft, statusMeaning, statusScardName } from "./status_words.ts";
export { withT0Commands } from "./t0_commands.ts";
