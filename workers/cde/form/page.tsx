import type { Child } from "hono/jsx";
import type { HtmlEscapedString } from "hono/utils/html";
import type { Embedding } from "./embedding.ts";
import { SCRIPT_INTEGRITY, STYLES_INTEGRITY } from "./generated.ts";
import { PAGE_PATH, SCRIPT_PATH, STYLES_PATH } from "./paths.ts";
import { LANGUAGES, MESSAGE_CODES, WORDING, type Language, type Wording } from "./wording.ts";

/**
 * The card form. No field has a name and the button is off until the script is there: whatever goes wrong, a browser
 * can't send a card number by itself. Every text that the script shows stands in the page.
 */
export function cardFormPage(language: Language, embedding: Embedding): string {
  const wording = WORDING[language];
  return toDocument(
    language,
    wording.title,
    <>
      <a class="skip" href="#card">
        {wording.skip}
      </a>
      <main>
        <h1>{wording.title}</h1>
        <section id="problems" class="box wrong" tabindex={-1} aria-labelledby="problems-title" hidden>
          <h2 id="problems-title">{wording.problems}</h2>
          <ul id="problem-list" />
        </section>
        <noscript>
          <p class="box wrong">{wording.needsScript}</p>
        </noscript>
        <section id="done" class="box right" tabindex={-1} aria-labelledby="done-title" hidden>
          <h2 id="done-title">{wording.done}</h2>
          <p id="done-card" />
          <p>{wording.doneNext}</p>
        </section>
        <form id="card" novalidate {...data(embedding)}>
          <p>{wording.intro}</p>
          <Field id="number" fill="cc-number" label={wording.number} hint={wording.numberHint} longest={23} />
          <Field id="expiry" fill="cc-exp" label={wording.expiry} hint={wording.expiryHint} longest={9} />
          <Field id="code" fill="cc-csc" label={wording.code} hint={wording.codeHint} longest={4} />
          <button id="submit" type="submit" disabled>
            {wording.submit}
          </button>
          <p id="progress" role="status" />
        </form>
      </main>
      <Languages current={language} embedding={embedding} />
      <Messages wording={wording} />
    </>,
    <script type="module" src={SCRIPT_PATH} integrity={SCRIPT_INTEGRITY} />,
  );
}

/** What is shown to whoever opens the form for an origin that is not registered. */
export function refusedPage(language: Language): string {
  const wording = WORDING[language];
  return toDocument(
    language,
    wording.refused,
    <main>
      <h1>{wording.refused}</h1>
      <p>{wording.refusedWhy}</p>
    </main>,
  );
}

function toDocument(language: Language, title: string, body: Child, script?: Child): string {
  const page = (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <link rel="stylesheet" href={STYLES_PATH} integrity={STYLES_INTEGRITY} />
        {script}
      </head>
      <body>{body}</body>
    </html>
  );
  // Nothing in these pages is asynchronous, so the element is its text.
  return `<!doctype html>${page as HtmlEscapedString}`;
}

interface FieldProps {
  readonly id: "number" | "expiry" | "code";
  /** WCAG 1.3.5; HTML, 4.10.18.7. */
  readonly fill: "cc-number" | "cc-exp" | "cc-csc";
  readonly label: string;
  readonly hint: string;
  readonly longest: number;
}

function Field({ id, fill, label, hint, longest }: FieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <p class="hint" id={`${id}-hint`}>
        {hint}
      </p>
      <p class="error" id={`${id}-error`} hidden />
      <input
        id={id}
        type="text"
        inputmode="numeric"
        autocomplete={fill}
        maxlength={longest}
        spellcheck={false}
        required
        aria-describedby={`${id}-hint`}
      />
    </div>
  );
}

function Languages({ current, embedding }: { readonly current: Language; readonly embedding: Embedding }) {
  const address = (language: Language) => {
    const query = new URLSearchParams({ lang: language });
    if (embedding.embedder !== null) query.set("embedder", embedding.embedder);
    if (embedding.returnTo !== null) query.set("return", embedding.returnTo);
    return `${PAGE_PATH}?${query.toString()}`;
  };
  return (
    <nav aria-label={WORDING[current].languages}>
      <ul>
        {LANGUAGES.map((language) => (
          <li>
            <a
              href={address(language)}
              lang={language}
              hreflang={language}
              {...(language === current ? { "aria-current": "true" as const } : {})}
            >
              {WORDING[language].name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Read by the script, never shown where it stands. */
function Messages({ wording }: { readonly wording: Wording }) {
  const texts = { ...wording.messages, sending: wording.sending, done_card: wording.doneCard };
  return (
    <ul hidden>
      {[...MESSAGE_CODES, "sending" as const, "done_card" as const].map((code) => (
        <li data-message={code}>{texts[code]}</li>
      ))}
    </ul>
  );
}

function data({ embedder, returnTo }: Embedding): Record<string, string> {
  return {
    ...(embedder === null ? {} : { "data-embedder": embedder }),
    ...(returnTo === null ? {} : { "data-return": returnTo }),
  };
}
