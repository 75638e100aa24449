/**
 * Stock of card types: identity, health and driver cards of states.
 *
 * A state issues several generations at once; those here are examples, not all.
 *
 * @module
 */

import type { StockRow } from "./stock_patterns.ts";

/** Rows of the stock. */
export const STOCK_IDENTITY: readonly StockRow[] = [
  [
    "Austrian e-card, generation 1",
    "3BBD18008131FE45805102670414B10101020081053D",
    "documented",
  ],
  [
    "Austrian e-card, generation 3",
    "3BDD96FF81B1FE451F038031B052020364041BB422810518",
    "documented",
  ],
  [
    "Austrian e-card, generation 4",
    "3BDF18008131FE588031B05202046405C903AC73B7B1D422",
    "observed",
  ],
  [
    "Austrian e-card, with photograph",
    "3BDF97008131FE588031B05202056405A100AC73D622C021",
    "observed",
  ],
  ["Belgian eID", "3B9813400AA503010101AD1311", "documented"],
  ["Belgian eID, faster", "3B9894400AA503010101AD1310", "documented"],
  ["Belgian eID 1.8", "3B7F96000080318065B085040120120FFF829000", "documented"],
  [
    "Estonian ID card 3.0, warm",
    "3BFE1800008031FE45803180664090A4162A00830F9000EF",
    "documented",
  ],
  [
    "Estonian ID card 3.5",
    "3BFA1800008031FE45FE654944202F20504B4903",
    "documented",
  ],
  [
    "Estonian ID card of 2018",
    "3BDB960080B1FE451F830012233F536549440F9000F1",
    "documented",
  ],
  [
    "Estonian ID card of 2018, contactless",
    "3B8B80010012233F536549440F9000A0",
    "observed",
  ],
  ["EU tachograph card", "3B9A96C01031FE5D0064057B01023180900076", "observed"],
  ["Finnish eID", "3B7B94000080621.515646696E454944", "documented"],
  [
    "Finnish eID of organizations",
    "3B7B180000806201545646696E454944",
    "documented",
  ],
  ["Finnish eID 5", "3B7F9600008031B865B08504021B1200F6829000", "observed"],
  ["French Vitale card", "3B75130000..09EA9000", "documented"],
  ["German eGK G2", "3BD096FF81B1FE451F072A", "observed"],
  [
    "German eGK",
    "3BDD96FF81B1FE451F03006404050803739621D0009000C9",
    "observed",
  ],
  ["German identity card", "3B8A80018031F873F741E082900075", "documented"],
  ["German identity card of 2019", "3B8780018031B8738401E019", "documented"],
  ["German identity card of 2021", "3B8780018031B8738601E01B", "documented"],
  [
    "Italian CNS",
    "3BFF1800FFC10A31FE55006B0508C80C011101434E5310318005",
    "documented",
  ],
  [
    "Italian health card with CNS",
    "3BDF18008131FE7D006B020C0182011101434E53103180FC",
    "observed",
  ],
  [
    "Italian CIE 3.0, contactless",
    "3B8E80018031806549544E5850120FFF8290F0",
    "observed",
  ],
  ["Latvian eID", "3BDB960080B1FE451F830012428F536549440F900020", "observed"],
  [
    "Lithuanian eID",
    "3B9D188131FC358031C0694D54434F5373020505D3",
    "documented",
  ],
  ["LuxTrust card", "3B7F96000080318065B085050011120FFF829000", "observed"],
  [
    "Portuguese citizen card",
    "3B7D95000080318065B08311....83009000",
    "documented",
  ],
  [
    "Portuguese citizen card, T=1",
    "3BFF9600008131FE4380318065B085040120120FFF829000D0",
    "observed",
  ],
  ["Spanish DNIe", "3B7F..0000006A444E4965............039000", "documented"],
  [
    "Swedish identity card",
    "3B7F96000080318065B085040011120FFF829000",
    "observed",
  ],
  ["SuisseID", "3BFA180002C10A31FE584B53776973735369676E89", "documented"],
];
