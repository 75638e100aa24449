/**
 * Stock of card types: security tokens, OpenPGP cards, PIV cards, key stores.
 *
 * Where an ATR is that of the platform, other applications may live on the same card.
 *
 * @module
 */

import type { StockRow } from "./stock_patterns.ts";

/** Rows of the stock. */
export const STOCK_TOKENS: readonly StockRow[] = [
  // Tokens
  ["YubiKey NEO", "3BFC1300008131FE15597562696B65794E454F7233E1", "documented"],
  [
    "YubiKey NEO, contactless",
    "3B8C8001597562696B65794E454F723358",
    "observed",
  ],
  ["YubiKey 4", "3BF81300008131FE15597562696B657934D4", "documented"],
  ["YubiKey 5", "3BFD1300008131FE158073C021C057597562694B657940", "documented"],
  [
    "YubiKey 5, contactless",
    "3B8D80018073C021C057597562694B6579F9",
    "documented",
  ],
  ["Nitrokey Start", "3BDA11FF81B1FE551F0300318473800180059000E1", "observed"],
  ["Nitrokey 3", "3B8C01805A4E6974726F6B657920337D", "observed"],
  ["Gnuk", "3BDA11FF81B1FE551F0300318473800180009000E4", "documented"],
  [
    "Feitian ePass2003",
    "3B9F958131FE9F0066465305......71DF............",
    "documented",
  ],
  ["Rutoken ECP", "3B8B015275746F6B656E20445320C1", "documented"],
  ["SafeNet eToken PRO Java", "3BD518008131FE7D8073C82110F4", "documented"],
  [
    "SafeNet eToken 5300",
    "3BFF9600008131FE4380318065B0845651101201788290006A",
    "observed",
  ],
  ["GoldKey PIV token", "3B941881B1807D1F0319C80050DC", "observed"],

  // OpenPGP cards
  [
    "OpenPGP card 1.1",
    "3BFA1300FF813180450031C173C00100009000B1",
    "documented",
  ],
  [
    "OpenPGP card 2",
    "3BDA18FF81B1FE751F030031C573C001400090000C",
    "documented",
  ],
  [
    "OpenPGP card 3",
    "3BDA18FF81B1FE751F030031F573C001600090001C",
    "documented",
  ],

  // Key stores
  [
    "SmartCard-HSM",
    "3BFE1800008131FE458031815448534D31738021408107FA",
    "documented",
  ],
  [
    "SmartCard-HSM 4K",
    "3BDE96FF8191FE1FC38031815448534D3173802140810792",
    "documented",
  ],
  [
    "SmartCard-HSM 4K USB token",
    "3BDE18FF8191FE1FC38031815448534D317380214081071C",
    "documented",
  ],
  [
    "SmartCard-HSM, contactless",
    "3B8E80018031815448534D3173802140810718",
    "documented",
  ],
  ["Aventra MyEID", "3BF51800008131FE454D794549449A", "documented"],
  [
    "Aventra MyEID, Infineon chip",
    "3BF59600008.31FE454D794549441.",
    "documented",
  ],
  ["Aventra MyEID, contactless", "3B8580014D7945494478", "observed"],
  ["ACS ACOS5-64", "3BBE..000041052000............00009000", "documented"],
  [
    "ACS CryptoMate Nano",
    "3BBE9600004105300000000000000000009000",
    "documented",
  ],
  [
    "Thales IDPrime MD, T=0",
    "3B7F..000080318065B0........120FFE829000",
    "documented",
  ],
  [
    "Thales IDPrime MD, T=1",
    "3BFF..00008131..4380318065B0........120FFE829000..",
    "documented",
  ],
  [
    "Thales IDPrime 930, T=0",
    "3B7F96000080318065B0846160FB120FFD829000",
    "observed",
  ],
  [
    "Thales IDPrime 930, T=1",
    "3BFF9600008131FE4380318065B0846160FB120FFD8290000C",
    "observed",
  ],
  [
    "Thales IDPrime 3940 FIDO",
    "3BFF9600008131FE4380318065B0855956FB120FFC82900002",
    "observed",
  ],
  ["Gemalto .NET", "3B1696417374726964", "documented"],

  // PIV
  [
    "NIST test PIV card",
    "3BDF960081B1FE451F838073CC91CBF9A0000003080000100079",
    "documented",
  ],
  [
    "NIST test PIV card, contactless",
    "3B8F80018073CC91CBF9A0000003080000100029",
    "observed",
  ],
  [
    "Oberthur PIV End Point",
    "3BDB960081B1FE451F0380F9A0000003080000100018",
    "documented",
  ],
  [
    "Oberthur Cosmo 7 PIV",
    "3BDB960081B1FE451F8380F9A0000003080000100098",
    "observed",
  ],
  ["Idemia Cosmo 8.0 PIV", "3BD6970081B1FE451F078031C1521118F9", "documented"],
  ["Idemia Cosmo 8.0 PIV, contactless", "3B8680018031C15211182C", "observed"],
  ["Idemia Cosmo 8.1 PIV", "3BD6970081B1FE451F878031C152411A2B", "documented"],
  ["Idemia Cosmo 8.1 PIV, contactless", "3B8680018031C152411A7E", "observed"],
  [
    "Thales IDPrime PIV 2.0",
    "3B7D96000080318065B0831117E583009000",
    "observed",
  ],
  [
    "Thales IDPrime PIV 2.0, contactless",
    "3B8F80018091E1318065B0831117E583009000E9",
    "observed",
  ],
  [
    "US Veterans Affairs PIV, Oberthur",
    "3BDB9600801F030031C064B0F310000F900088",
    "documented",
  ],
  [
    "US CAC, Oberthur ID-One 128 v5.5 Dual",
    "3BDB9600801F030031C064B0F3100007900080",
    "documented",
  ],
  [
    "US CAC, Gemalto GCX4 72K DI",
    "3B7D96000080318065B0831113AC83009000",
    "documented",
  ],
  [
    "US CAC, Gemalto TOP DL GX4 144K",
    "3B7D96000080318065B0831117D683009000",
    "documented",
  ],
  [
    "US CAC, Gemalto TOP DL V2.1 144K",
    "3B7D96000080318065B07549170F83009000",
    "observed",
  ],
];
