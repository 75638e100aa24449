/**
 * Virtual smart cards: the card's end of the link, from contacts to files.
 *
 * @module
 */
export {
  type CardApplication,
  type CardWaitingTime,
  type CommandCase,
  isoCommandCase,
} from "./application.ts";
export { buildAtr, type CardAtrOptions } from "./atr_builder.ts";
export type { ApduCard } from "./apdu_card.ts";
export {
  type ApduCardOptions,
  apduFace,
  type ApduFaceOptions,
  createApduCard,
} from "./apdu_face.ts";
export { type CardCommand, parseCardCommand } from "./apdu.ts";
export { type CardAtr, readCardAtr } from "./atr_reader.ts";
export type { CardOutput, ContactCard } from "./contact_card.ts";
export {
  type CardCrcVariant,
  createEdc,
  type Edc,
  type EdcKind,
} from "./edc.ts";
export {
  BabblingCard,
  type BabblingCardOptions,
  type FaultyCardOptions,
  GarbageCard,
  type GarbageCardOptions,
  MuteCard,
  SilentCard,
} from "./faulty_cards.ts";
export {
  createCard,
  FileSystemCard,
  type FileSystemCardOptions,
} from "./file_system_card.ts";
export type {
  AccessData,
  BytesData,
  CardData,
  DirectoryData,
  ElementaryFileData,
  FileData,
  PinData,
  RecordFileData,
  TransparentFileData,
} from "./file_system/card_data.ts";
export {
  DEFAULT_CARD,
  DEFAULT_CARD_AID,
  DEFAULT_CARD_PIN,
} from "./file_system/default_card.ts";
export {
  FileSystemApplication,
  type FileSystemOptions,
} from "./file_system/file_system_application.ts";
export {
  createOpenPgpCard,
  MemoryOpenPgpStore,
  type OpenPgpAlgorithm,
  OpenPgpApplication,
  type OpenPgpCardOptions,
  type OpenPgpCardSettings,
  type OpenPgpOptions,
  type OpenPgpStore,
} from "./openpgp/mod.ts";
export type { P256Point, P256PrivateKey } from "./crypto/p256.ts";
export type { RsaPrivateKey, RsaPublicKey } from "./crypto/rsa.ts";
export {
  createPivApduCard,
  createPivCard,
  PIV_AID,
  PIV_DEFAULT_MANAGEMENT_KEY,
  PIV_DEFAULT_PIN,
  PIV_DEFAULT_PUK,
  PivApplication,
  type PivCardOptions,
  type PivKey,
  type PivOptions,
  type PivSecret,
  type PivSettings,
  type PivState,
  type PivStore,
} from "./piv/mod.ts";
export {
  type PpsAgreement,
  type PpsBehaviour,
  type PpsReply,
  PpsResponder,
} from "./pps.ts";
export {
  invertCharacters,
  ProtocolCard,
  type ProtocolCardOptions,
} from "./protocol_card.ts";
export {
  T0Endpoint,
  type T0EndpointOptions,
  type T0ProcedureByte,
} from "./t0_endpoint.ts";
export type { T0TransportOptions } from "./t0_transport.ts";
export { T1Endpoint } from "./t1_endpoint.ts";
export type { T1CardRequest, T1EndpointOptions } from "./t1_options.ts";
export {
  createTestCard,
  type TestCard,
  testCardBytes,
  testCardDigest,
  type TestCardEvent,
  testCardIns,
  type TestCardMoment,
  type TestCardOptions,
  type TestCardReset,
} from "./test_card/mod.ts";
