import { schemeName } from "../../../../protocol/pay/scheme-names.ts";
import { grouped, readCode, readExpiry, readNumber, type FieldName } from "./fields.ts";
import { handOver, type FormAnswer } from "./hand-over.ts";
import { refusalOf, tokenize } from "./tokenize.ts";

/** The one script of the card form's page. It makes no markup: text goes in as text (Trusted Types: none). */
const form = element("card", HTMLFormElement);
const submit = element("submit", HTMLButtonElement);
const progress = element("progress", HTMLElement);
const problems = element("problems", HTMLElement);
const inputs = {
  number: element("number", HTMLInputElement),
  expiry: element("expiry", HTMLInputElement),
  code: element("code", HTMLInputElement),
} as const satisfies Record<FieldName, HTMLInputElement>;

interface Wrong {
  /** Null: none of the fields'. */
  readonly field: FieldName | null;
  readonly message: string;
}

const CODES = { number: "card_number", expiry: "card_expiry", code: "card_cvv" } as const;
const FIELDS: Readonly<Record<string, FieldName>> = {
  card_number: "number",
  card_scheme: "number",
  card_expiry: "expiry",
  card_cvv: "code",
};

/** One key as long as it is one card: a repeat after a lost answer adds it once. */
let idempotencyKey = crypto.randomUUID();
let busy = false;

for (const name of ["number", "expiry"] as const)
  inputs[name].addEventListener("input", () => {
    idempotencyKey = crypto.randomUUID();
  });
inputs.number.addEventListener("blur", () => {
  const digits = readNumber(inputs.number.value);
  if (digits !== undefined) inputs.number.value = grouped(digits);
});
inputs.expiry.addEventListener("blur", () => {
  inputs.expiry.value = readExpiry(inputs.expiry.value, new Date()) ?? inputs.expiry.value;
});
// A page that comes back from the browser's history comes back empty.
addEventListener("pagehide", () => form.reset());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!busy) void send();
});
submit.disabled = false;

async function send(): Promise<void> {
  const pan = readNumber(inputs.number.value);
  const exp = readExpiry(inputs.expiry.value, new Date());
  const cvv = readCode(inputs.code.value);
  if (pan === undefined || exp === undefined || cvv === undefined) {
    const read = { number: pan, expiry: exp, code: cvv };
    const wrong = (["number", "expiry", "code"] as const).filter((name) => read[name] === undefined);
    tell(wrong.map((field) => ({ field, message: text(CODES[field]) })));
    return;
  }
  working(true);
  tell([]);
  const result = await tokenize({ pan, exp, cvv }, idempotencyKey);
  inputs.code.value = "";
  working(false);
  if (result.ok) {
    finish(result.answer);
    return;
  }
  const code = refusalOf(result.code);
  tell([{ field: FIELDS[code] ?? null, message: text(code) }]);
}

/** Nothing of the card is left in the page but what may be shown: it goes before anything is handed over. */
function finish(answer: FormAnswer): void {
  const { embedder = null, return: returnTo = null } = form.dataset;
  form.reset();
  form.remove();
  document.querySelector(".skip")?.remove();
  element("done-card", HTMLElement).textContent = text("done_card")
    .replace("{scheme}", schemeName(answer.scheme))
    .replace("{last4}", answer.last4);
  const done = element("done", HTMLElement);
  done.hidden = false;
  done.focus();
  handOver(answer, { embedder, returnTo });
}

/** Ties each message to its field and lists all of them on top, where the focus goes (WCAG 3.3.1, 4.1.3). */
function tell(wrong: readonly Wrong[]): void {
  for (const [name, input] of Object.entries(inputs)) {
    const message = wrong.find(({ field }) => field === name)?.message;
    const error = element(`${name}-error`, HTMLElement);
    error.textContent = message ?? "";
    error.hidden = message === undefined;
    input.setAttribute("aria-describedby", message === undefined ? `${name}-hint` : `${name}-error ${name}-hint`);
    if (message === undefined) input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
  }
  element("problem-list", HTMLElement).replaceChildren(...wrong.map(listed));
  problems.hidden = wrong.length === 0;
  if (wrong.length > 0) problems.focus();
}

function listed({ field, message }: Wrong): HTMLElement {
  const item = document.createElement("li");
  if (field === null) {
    item.textContent = message;
    return item;
  }
  const link = document.createElement("a");
  link.href = `#${field}`;
  link.textContent = message;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    inputs[field].focus();
  });
  item.append(link);
  return item;
}

function working(now: boolean): void {
  busy = now;
  // Not `disabled`: the focus would be lost.
  submit.setAttribute("aria-disabled", String(now));
  progress.textContent = now ? text("sending") : "";
}

function text(code: string): string {
  return document.querySelector(`[data-message="${code}"]`)?.textContent ?? "";
}

function element<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`no element ${id}`);
  return found;
}
