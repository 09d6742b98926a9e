import { unreachable } from "../../protocol/result.ts";
import type { Profile, ProfileField } from "../../protocol/rooms/identity.ts";

/** Every field that a person may read or correct. */
export const PROFILE_FIELDS = [
  "email",
  "name",
  "phone",
  "address",
  "nickname",
] as const satisfies readonly ProfileField[];

/** Shown on a cart's display (RULING-01): Unicode code points, so 48 bytes of UTF-8 at most. */
export const NICKNAME_CHARACTERS = 12;

const LONGEST: Readonly<Record<ProfileField, number>> = {
  email: 254,
  name: 120,
  phone: 24,
  address: 300,
  nickname: 48,
};

/**
 * Control, format (the bidirectional overrides among them), surrogate, private-use and line-separating characters: they
 * could reorder or hide what a display or a page shows. A zero-width joiner is let through, names and emoji need it.
 */
const UNSHOWABLE = /(?!\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
/** A practical subset of the address form of RFC 5321, 4.1.2: no quoting, no comments, no address literals. */
const EMAIL = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$/;
/** E.164: at most 15 digits. */
const PHONE = /^\+?[0-9]{4,15}$/;

/** A field's value as it is kept (NFC, trimmed; a phone without its separators), or undefined when it is not allowed. */
export function parseField(field: ProfileField, text: string): string | undefined {
  const value = text.normalize("NFC").trim();
  if (value === "" || value.length > LONGEST[field]) return undefined;
  switch (field) {
    case "email":
      return EMAIL.test(value) ? value : undefined;
    case "phone": {
      const digits = value.replaceAll(/[\s().-]/g, "");
      return PHONE.test(digits) ? digits : undefined;
    }
    case "address":
      return UNSHOWABLE.test(value.replaceAll("\n", " ")) ? undefined : value;
    case "name":
      return UNSHOWABLE.test(value) ? undefined : value;
    case "nickname":
      return UNSHOWABLE.test(value) || Array.from(value).length > NICKNAME_CHARACTERS ? undefined : value;
    default:
      return unreachable(field);
  }
}

/**
 * A correction whose fields are all known and allowed; null clears a field. Undefined when any one is not: a
 * correction is taken whole or not at all.
 */
export function parseChange(change: Readonly<Record<string, unknown>>): Partial<Profile> | undefined {
  const parsed: { -readonly [Field in ProfileField]?: string | null } = {};
  for (const [field, value] of Object.entries(change)) {
    if (!isProfileField(field)) return undefined;
    if (value === undefined) continue;
    if (value !== null && typeof value !== "string") return undefined;
    const kept = value === null ? null : parseField(field, value);
    if (kept === undefined) return undefined;
    parsed[field] = kept;
  }
  return parsed;
}

function isProfileField(field: string): field is ProfileField {
  return PROFILE_FIELDS.some((each) => each === field);
}
