/**
 * Stock of card types: SIM cards, bank cards, and platforms without an application of
 * their own.
 *
 * SIM and bank cards change with every issue: those here are examples.
 *
 * @module
 */

import type { StockRow } from "./stock_patterns.ts";

/** Rows of the stock. */
export const STOCK_OTHERS: readonly StockRow[] = [
  // SIM, USIM, ISIM
  ["sysmoSIM-GR2", "3B7D9400005555530A7486930B247C4D5468", "documented"],
  [
    "sysmoUSIM-GR1",
    "3B9F95801FC78031E073FE21135712291102010000C2",
    "documented",
  ],
  [
    "sysmoUSIM-SJS1",
    "3B9F96801FC78031A073BE21136743200718000001A5",
    "documented",
  ],
  [
    "sysmoISIM-SJA2",
    "3B9F96801F878031E073FE211B674A4C753034054BA9",
    "documented",
  ],
  [
    "sysmoISIM-SJA5",
    "3B9F96801F878031E073FE211B674A357530350251CC",
    "documented",
  ],
  [
    "USIM, Telia Mobile-ID",
    "3B9F96801FC78031E073FE211B6408102100829000F8",
    "observed",
  ],

  // Bank cards
  ["EMV card, Combos PI", "3BEA00008131FE45436F6D624F5320494900FE", "observed"],
  ["EMV card, Apple Card", "3B6B00000031C164087771300F9000", "observed"],
  ["EMV card, NatWest", "3B6E00000031C071C66501B0010337839000", "observed"],
  ["EMV card, Barclaycard", "3B6800000073C84000009000", "observed"],
  ["girocard, contactless", "3B8780018031C073D631C023", "observed"],

  // Java Card platforms
  ["NXP JCOP 21 v2.3.1", "3B6A00FF4A434F50323156323331", "documented"],
  ["NXP JCOP 31 v2.2", "3B6900FF4A434F503331563232", "documented"],
  ["NXP JCOP 41 v2.2.1", "3B6A00FF4A434F50343156323231", "documented"],
  ["NXP JCOP v2.4.1", "3BF81300008131FE454A434F5076323431B7", "documented"],
  [
    "G+D Sm@rtCafe Expert 3.2",
    "3BF71800008031FE45736674652D6E66C4",
    "observed",
  ],
  [
    "G+D Sm@rtCafe Expert 7",
    "3BF99600008031FE4553434537200000202027",
    "observed",
  ],

  // Other platforms
  [
    "ZeitControl BasicCard ZC3.34",
    "3BBC1800813120755A43332E333420524556204447",
    "observed",
  ],
  [
    "ZeitControl BasicCard ZC7.6",
    "3BDB18FF81B1FE751F035A43372E36205245562044A8",
    "observed",
  ],
  ["Atos CardOS 4.3B", "3BF2180002C10A31FE58C80874", "documented"],
  ["Atos CardOS 4.4", "3BD21802C10A31FE58C80D51", "documented"],
  ["Atos CardOS 5.0", "3BD218008131FE58C90114", "documented"],
  ["Atos CardOS 5.3", "3BD218008131FE58C90316", "documented"],
  ["G+D STARCOS SPK 2.3", "3BB794008131FE6553504B32339000D1", "documented"],

  // Contactless cards that tell nothing but that they speak ISO/IEC 14443-4
  ["NXP MIFARE DESFire", "3B8180018080", "documented"],
  ["ISO/IEC 14443-4 card without historical bytes", "3B80800101", "standard"],
];

/** Rows of cards that understand no APDU: readers give them an ATR. */
export const STOCK_MEMORY_CARDS: readonly StockRow[] = [
  ["Infineon SLE 4442", "3B04A2131091", "documented"],
  ["Infineon SLE 4432", "3B0492231091", "documented"],
  ["Atmel AT88SC0104C", "3BB2110010800001", "documented"],
  ["Atmel AT88SC0204C", "3BB2110010800002", "documented"],
  ["Atmel AT88SC0404C", "3BB2110010800004", "documented"],
  ["Atmel AT88SC0808C", "3BB2110010800008", "documented"],
  ["Atmel AT88SC1616C", "3BB2110010800016", "documented"],
];
