import type { Cell, StoreId } from "../../protocol/ids.ts";
import type { StoreSettings } from "../../protocol/rooms/stores.ts";

/** The demo store's settings without its id and its POS: nobody's shop, at nobody's address. */
export const DEMO_STORES: Readonly<Record<Cell, Omit<StoreSettings, "store" | "posUrl">>> = {
  us: {
    name: "Demo Market Chicago",
    legalName: "Demo Market Inc.",
    address: "100 Example Avenue\nChicago, IL 60601",
    taxId: "00-0000000",
    country: "US",
    language: "en",
    currency: "USD",
    timeZone: "America/Chicago",
    taxIncluded: false,
    weightToleranceGrams: 15,
    terminals: ["T1", "T2", "T3"],
    // Item, price verifier, price: how counter scales in the US label what they weigh.
    barcodeTemplates: [{ pattern: "2iiiiipnnddc", value: "price", verifier: true }],
    minimumAges: { alcohol: 21 },
  },
  eu: {
    name: "Demo Markt Berlin",
    legalName: "Demo Markt GmbH",
    address: "Beispielstraße 100\n10115 Berlin",
    taxId: "DE000000000",
    country: "DE",
    language: "de",
    currency: "EUR",
    timeZone: "Europe/Berlin",
    taxIncluded: true,
    weightToleranceGrams: 15,
    terminals: ["T1", "T2", "T3"],
    // Item and grams.
    barcodeTemplates: [{ pattern: "21iiiiinndddc", value: "weight", verifier: false }],
    minimumAges: { alcohol: 18 },
  },
};

/** A label that the cheese counter's scale prints: in the US for 6.65 USD of cheese, in the EU for 350 g. */
export const COUNTER_LABEL: Readonly<Record<Cell, string>> = { us: "254321606650", eu: "2112345003504" };

export function demoStoreId(cell: Cell): StoreId {
  return `${cell}-demo` as StoreId;
}
