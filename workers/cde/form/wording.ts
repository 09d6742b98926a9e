/** What the card form says. Every message that the script may show is in the page already; it brings no text of its own. */
export const LANGUAGES = ["en", "de", "fr"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The refusals of `/v1/payments/tokenize` that a person can do something about; every other one is `failed`. */
export const MESSAGE_CODES = [
  "card_number",
  "card_expiry",
  "card_cvv",
  "card_scheme",
  "too_many_requests",
  "no_answer",
  "failed",
] as const;
export type MessageCode = (typeof MESSAGE_CODES)[number];

export interface Wording {
  readonly name: string;
  readonly title: string;
  readonly intro: string;
  readonly number: string;
  readonly numberHint: string;
  readonly expiry: string;
  readonly expiryHint: string;
  readonly code: string;
  readonly codeHint: string;
  readonly submit: string;
  readonly sending: string;
  readonly problems: string;
  readonly needsScript: string;
  readonly languages: string;
  readonly skip: string;
  readonly done: string;
  /** `{scheme}` and `{last4}` are put in. */
  readonly doneCard: string;
  readonly doneNext: string;
  readonly refused: string;
  readonly refusedWhy: string;
  readonly messages: Readonly<Record<MessageCode, string>>;
}

export const WORDING: Readonly<Record<Language, Wording>> = {
  en: {
    name: "English",
    title: "Add a card",
    intro:
      "Your card number is encrypted on this device and goes to the payment service alone. The shop never sees it.",
    number: "Card number",
    numberHint: "The long number on the card",
    expiry: "Expiry date",
    expiryHint: "MM/YY, for example 05/29",
    code: "Security code",
    codeHint: "3 digits on the back; 4 on the front of American Express",
    submit: "Add card",
    sending: "Adding the card…",
    problems: "The card was not added",
    needsScript: "This page needs JavaScript to encrypt your card. Without it, nothing can be sent.",
    languages: "Language",
    skip: "Skip to the form",
    done: "Card added",
    doneCard: "{scheme} ending in {last4}",
    doneNext: "You can go back to the app.",
    refused: "This page can’t be opened like this",
    refusedWhy: "The app that opened it is not registered here. Nothing was sent.",
    messages: {
      card_number: "Check the card number: digits are missing or wrong",
      card_expiry: "Enter the expiry date as MM/YY; it must not be past",
      card_cvv: "Enter the security code: 3 or 4 digits",
      card_scheme: "Cards of this brand are not accepted; use another card",
      too_many_requests: "Too many attempts; wait a minute and try again",
      no_answer: "There was no answer. Check your connection and try again: the card is added once only",
      failed: "Something went wrong on our side; try again later",
    },
  },
  de: {
    name: "Deutsch",
    title: "Karte hinzufügen",
    intro:
      "Ihre Kartennummer wird auf diesem Gerät verschlüsselt und geht nur an den Zahlungsdienst. Der Händler sieht sie nie.",
    number: "Kartennummer",
    numberHint: "Die lange Nummer auf der Karte",
    expiry: "Gültig bis",
    expiryHint: "MM/JJ, zum Beispiel 05/29",
    code: "Prüfziffer",
    codeHint: "3 Ziffern auf der Rückseite; 4 auf der Vorderseite bei American Express",
    submit: "Karte hinzufügen",
    sending: "Die Karte wird hinzugefügt …",
    problems: "Die Karte wurde nicht hinzugefügt",
    needsScript:
      "Diese Seite braucht JavaScript, um Ihre Karte zu verschlüsseln. Ohne JavaScript kann nichts gesendet werden.",
    languages: "Sprache",
    skip: "Zum Formular springen",
    done: "Karte hinzugefügt",
    doneCard: "{scheme} mit den Endziffern {last4}",
    doneNext: "Sie können zur App zurückkehren.",
    refused: "Diese Seite lässt sich so nicht öffnen",
    refusedWhy: "Die App, die sie geöffnet hat, ist hier nicht registriert. Es wurde nichts gesendet.",
    messages: {
      card_number: "Prüfen Sie die Kartennummer: Ziffern fehlen oder sind falsch",
      card_expiry: "Geben Sie das Ablaufdatum als MM/JJ ein; es darf nicht vergangen sein",
      card_cvv: "Geben Sie die Prüfziffer ein: 3 oder 4 Ziffern",
      card_scheme: "Karten dieser Marke werden nicht angenommen; nehmen Sie eine andere Karte",
      too_many_requests: "Zu viele Versuche; warten Sie eine Minute und versuchen Sie es erneut",
      no_answer:
        "Es kam keine Antwort. Prüfen Sie Ihre Verbindung und versuchen Sie es erneut: Die Karte wird nur einmal hinzugefügt",
      failed: "Bei uns ist etwas schiefgegangen; versuchen Sie es später erneut",
    },
  },
  fr: {
    name: "Français",
    title: "Ajouter une carte",
    intro:
      "Votre numéro de carte est chiffré sur cet appareil et n’est transmis qu’au service de paiement. Le magasin ne le voit jamais.",
    number: "Numéro de carte",
    numberHint: "Le long numéro inscrit sur la carte",
    expiry: "Date d’expiration",
    expiryHint: "MM/AA, par exemple 05/29",
    code: "Code de sécurité",
    codeHint: "3 chiffres au dos ; 4 au recto pour American Express",
    submit: "Ajouter la carte",
    sending: "Ajout de la carte…",
    problems: "La carte n’a pas été ajoutée",
    needsScript:
      "Cette page a besoin de JavaScript pour chiffrer votre carte. Sans JavaScript, rien ne peut être envoyé.",
    languages: "Langue",
    skip: "Aller au formulaire",
    done: "Carte ajoutée",
    doneCard: "{scheme} se terminant par {last4}",
    doneNext: "Vous pouvez revenir à l’application.",
    refused: "Cette page ne peut pas être ouverte ainsi",
    refusedWhy: "L’application qui l’a ouverte n’est pas enregistrée ici. Rien n’a été envoyé.",
    messages: {
      card_number: "Vérifiez le numéro de carte : des chiffres manquent ou sont faux",
      card_expiry: "Saisissez la date d’expiration sous la forme MM/AA ; elle ne doit pas être passée",
      card_cvv: "Saisissez le code de sécurité : 3 ou 4 chiffres",
      card_scheme: "Les cartes de cette marque ne sont pas acceptées ; utilisez une autre carte",
      too_many_requests: "Trop de tentatives ; attendez une minute et réessayez",
      no_answer:
        "Aucune réponse n’est arrivée. Vérifiez votre connexion et réessayez : la carte n’est ajoutée qu’une fois",
      failed: "Un problème est survenu de notre côté ; réessayez plus tard",
    },
  },
};

/** `?lang=` where it is one of ours, else the best of `Accept-Language` (RFC 9110, 12.5.4), else English. */
export function languageOf(asked: string | undefined, accepted: string | undefined): Language {
  const named = LANGUAGES.find((each) => each === asked);
  if (named !== undefined) return named;
  let best: { readonly language: Language; readonly quality: number } | undefined;
  for (const range of (accepted ?? "").slice(0, 512).split(",")) {
    const [tag = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const language = LANGUAGES.find((each) => each === tag.split("-")[0]);
    const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
    const quality = weight === undefined ? 1 : Number(weight);
    if (language !== undefined && quality > (best?.quality ?? 0)) best = { language, quality };
  }
  return best?.language ?? "en";
}
