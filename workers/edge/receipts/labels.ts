/** What a receipt says besides its data, in the languages that stores print. */
export interface Labels {
  readonly receipt: string;
  readonly number: string;
  readonly corrects: string;
  readonly correctsOf: (number: string, day: string) => string;
  readonly issued: string;
  readonly started: string;
  readonly taxId: string;
  readonly skip: string;
  readonly goods: string;
  readonly item: string;
  readonly quantity: string;
  readonly unitPrice: string;
  readonly amount: string;
  readonly perKilogram: string;
  readonly taxes: string;
  readonly tax: string;
  readonly rate: string;
  readonly net: string;
  readonly taxAmount: string;
  readonly gross: string;
  readonly taxIncluded: string;
  readonly taxAdded: string;
  readonly total: string;
  readonly payment: string;
  readonly paidByCard: (scheme: string, last4: string) => string;
  readonly returnedToCard: (scheme: string, last4: string) => string;
  readonly cardDetails: string;
  readonly approved: string;
  readonly fiscal: string;
  readonly fullUntil: (day: string) => string;
  readonly expired: string;
  readonly notFound: string;
  readonly notFoundText: string;
  readonly emv: Readonly<Record<EmvField, string>>;
  readonly cvm: Readonly<Record<"none" | "pin" | "signature" | "device", string>>;
  readonly entry: Readonly<Record<"contactless" | "chip" | "magstripe", string>>;
}

/** Names of fields that schemes print in English stay so: AID, TVR, TSI. */
export type EmvField =
  | "applicationName"
  | "aid"
  | "approvalCode"
  | "arc"
  | "cryptogram"
  | "tvr"
  | "tsi"
  | "cvm"
  | "entry"
  | "terminal"
  | "merchant"
  | "result"
  | "amount";

const EN: Labels = {
  receipt: "Receipt",
  number: "Receipt number",
  corrects: "Corrects receipt",
  correctsOf: (number, day) => `${number} of ${day}`,
  issued: "Date of issue",
  started: "Shopping began",
  taxId: "Tax number",
  skip: "Skip to the total",
  goods: "Goods",
  item: "Item",
  quantity: "Quantity",
  unitPrice: "Unit price",
  amount: "Amount",
  perKilogram: "/kg",
  taxes: "Tax",
  tax: "Tax",
  rate: "Rate",
  net: "Net",
  taxAmount: "Tax amount",
  gross: "Gross",
  taxIncluded: "Prices include tax.",
  taxAdded: "Tax is added to the prices.",
  total: "Total",
  payment: "Payment",
  paidByCard: (scheme, last4) => `Paid by card: ${scheme}, ending in ${last4}`,
  returnedToCard: (scheme, last4) => `Returned to the card: ${scheme}, ending in ${last4}`,
  cardDetails: "Details of the card payment",
  approved: "APPROVED",
  fiscal: "Fiscal record",
  fullUntil: (day) => `The whole receipt can be seen here until ${day}. Print or save it if you need it for longer.`,
  expired: "The time to see the whole receipt is over. This is its summary; the store has the receipt.",
  notFound: "No receipt here",
  notFoundText: "There is no receipt at this address. Check that it was copied whole, or ask in the store.",
  emv: {
    applicationName: "Application",
    aid: "AID",
    approvalCode: "Approval code",
    arc: "Response code",
    cryptogram: "Cryptogram",
    tvr: "TVR",
    tsi: "TSI",
    cvm: "Cardholder verification",
    entry: "Card entry",
    terminal: "Terminal",
    merchant: "Merchant",
    result: "Result",
    amount: "Amount",
  },
  cvm: { none: "None", pin: "PIN", signature: "Signature", device: "On the cardholder's device" },
  entry: { contactless: "Contactless", chip: "Chip", magstripe: "Magnetic stripe" },
};

const DE: Labels = {
  receipt: "Kassenbon",
  number: "Belegnummer",
  corrects: "Berichtigt Beleg",
  correctsOf: (number, day) => `${number} vom ${day}`,
  issued: "Ausstellungsdatum",
  started: "Einkauf begonnen",
  taxId: "Steuernummer",
  skip: "Zur Summe springen",
  goods: "Waren",
  item: "Artikel",
  quantity: "Menge",
  unitPrice: "Einzelpreis",
  amount: "Betrag",
  perKilogram: "/kg",
  taxes: "Steuern",
  tax: "Steuer",
  rate: "Satz",
  net: "Netto",
  taxAmount: "Steuerbetrag",
  gross: "Brutto",
  taxIncluded: "Die Preise enthalten die Steuer.",
  taxAdded: "Die Steuer kommt zu den Preisen hinzu.",
  total: "Summe",
  payment: "Zahlung",
  paidByCard: (scheme, last4) => `Mit Karte bezahlt: ${scheme}, endet auf ${last4}`,
  returnedToCard: (scheme, last4) => `Auf die Karte erstattet: ${scheme}, endet auf ${last4}`,
  cardDetails: "Angaben zur Kartenzahlung",
  approved: "GENEHMIGT",
  fiscal: "Fiskaldaten",
  fullUntil: (day) =>
    `Der vollständige Bon ist hier bis zum ${day} zu sehen. Wer ihn länger braucht, druckt oder speichert ihn.`,
  expired: "Die Frist für den vollständigen Bon ist vorbei. Dies ist die Übersicht; der Markt hat den Bon.",
  notFound: "Hier ist kein Bon",
  notFoundText: "Unter dieser Adresse gibt es keinen Bon. Bitte prüfen, ob sie vollständig ist, oder im Markt fragen.",
  emv: {
    applicationName: "Anwendung",
    aid: "AID",
    approvalCode: "Genehmigungsnummer",
    arc: "Antwortcode",
    cryptogram: "Kryptogramm",
    tvr: "TVR",
    tsi: "TSI",
    cvm: "Prüfung des Inhabers",
    entry: "Kartenerfassung",
    terminal: "Terminal",
    merchant: "Händler",
    result: "Ergebnis",
    amount: "Betrag",
  },
  cvm: { none: "Keine", pin: "PIN", signature: "Unterschrift", device: "Auf dem Gerät des Inhabers" },
  entry: { contactless: "Kontaktlos", chip: "Chip", magstripe: "Magnetstreifen" },
};

const FR: Labels = {
  receipt: "Ticket de caisse",
  number: "Numéro du ticket",
  corrects: "Rectifie le ticket",
  correctsOf: (number, day) => `${number} du ${day}`,
  issued: "Date d’émission",
  started: "Début des achats",
  taxId: "Numéro de TVA",
  skip: "Aller au total",
  goods: "Articles",
  item: "Article",
  quantity: "Quantité",
  unitPrice: "Prix unitaire",
  amount: "Montant",
  perKilogram: "/kg",
  taxes: "Taxes",
  tax: "Taxe",
  rate: "Taux",
  net: "HT",
  taxAmount: "Montant de la taxe",
  gross: "TTC",
  taxIncluded: "Les prix comprennent la taxe.",
  taxAdded: "La taxe s’ajoute aux prix.",
  total: "Total",
  payment: "Paiement",
  paidByCard: (scheme, last4) => `Payé par carte : ${scheme}, se terminant par ${last4}`,
  returnedToCard: (scheme, last4) => `Remboursé sur la carte : ${scheme}, se terminant par ${last4}`,
  cardDetails: "Détails du paiement par carte",
  approved: "APPROUVÉ",
  fiscal: "Données fiscales",
  fullUntil: (day) =>
    `Le ticket complet est visible ici jusqu’au ${day}. Imprimez-le ou enregistrez-le pour le garder plus longtemps.`,
  expired: "Le délai de consultation du ticket complet est écoulé. Voici son résumé ; le magasin a le ticket.",
  notFound: "Aucun ticket ici",
  notFoundText: "Il n’y a pas de ticket à cette adresse. Vérifiez qu’elle est complète ou demandez au magasin.",
  emv: {
    applicationName: "Application",
    aid: "AID",
    approvalCode: "Numéro d’autorisation",
    arc: "Code de réponse",
    cryptogram: "Cryptogramme",
    tvr: "TVR",
    tsi: "TSI",
    cvm: "Vérification du porteur",
    entry: "Lecture de la carte",
    terminal: "Terminal",
    merchant: "Commerçant",
    result: "Résultat",
    amount: "Montant",
  },
  cvm: { none: "Aucune", pin: "Code", signature: "Signature", device: "Sur l’appareil du porteur" },
  entry: { contactless: "Sans contact", chip: "Puce", magstripe: "Piste magnétique" },
};

const LANGUAGES: Readonly<Record<string, Labels>> = { en: EN, de: DE, fr: FR };

/** English for a language that has no labels; `language` is then what the page is marked with. */
export function labelsOf(language: string): { readonly language: string; readonly labels: Labels } {
  const labels = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
  return labels === undefined ? { language: "en", labels: EN } : { language, labels };
}
