import { parseCurrency, type Money } from "../../../protocol/money/money.ts";
import {
  FORGET_MOST_TOKENS,
  type AuthorizationRequest,
  type CardReferenceRequest,
  type ForgetRequest,
} from "../../../protocol/pay/contract.ts";
import { isToken } from "../vault/token.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const STORE = /^[a-z0-9][a-z0-9-]{1,31}$/;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

export function isUuid(text: unknown): text is string {
  return matches(text, UUID);
}

/** @returns undefined when a member is missing or not in its form; the same for the others here */
export function authorizationRequest(body: unknown): AuthorizationRequest | undefined {
  const { handoff, session, store, terminal, reference, token, account, ...rest } = members(body);
  const amount = money(rest);
  if (!isUuid(handoff) || !isUuid(session) || !matches(store, STORE) || !matches(terminal, NAME)) return undefined;
  if (amount === undefined || !(reference === null || matches(reference, NAME))) return undefined;
  if (!isTextOrAbsent(token) || !isTextOrAbsent(account)) return undefined;
  return {
    handoff,
    session,
    store,
    terminal,
    amount_minor: amount.minor,
    currency: amount.currency,
    reference,
    ...(token === undefined ? {} : { token }),
    ...(account === undefined ? {} : { account }),
  };
}

export function cardReferenceRequest(body: unknown): CardReferenceRequest | undefined {
  const { token, cell, store } = members(body);
  return typeof token === "string" && typeof cell === "string" && typeof store === "string"
    ? { token, cell, store }
    : undefined;
}

/** At least one token and at most as many as one call may name; that each is a token by its form is checked here too. */
export function forgetRequest(body: unknown): ForgetRequest | undefined {
  const { request, tokens } = members(body);
  if (!isUuid(request) || !Array.isArray(tokens)) return undefined;
  if (tokens.length === 0 || tokens.length > FORGET_MOST_TOKENS || !tokens.every(isToken)) return undefined;
  return { request, tokens };
}

/** A positive amount. */
export function money(body: unknown): Money | undefined {
  const { amount_minor: minor, currency } = members(body);
  const known = typeof currency === "string" ? parseCurrency(currency) : undefined;
  return typeof minor === "number" && Number.isSafeInteger(minor) && minor > 0 && known !== undefined
    ? { minor, currency: known }
    : undefined;
}

/** Of a closed list that the forwarder keeps; here only its form is looked at, for the log. */
export function voidReason(body: unknown): string | undefined {
  const { reason } = members(body);
  return matches(reason, /^[a-z_]{3,40}$/) ? reason : undefined;
}

function members(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** Whether it is a token or account that exists is the vault's to say, with one answer for all that are none. */
function isTextOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === "string" && value.length <= 128);
}

function matches(text: unknown, form: RegExp): text is string {
  return typeof text === "string" && form.test(text);
}
