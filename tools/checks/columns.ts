import type { Source } from "./imports.ts";

/** Names of columns that hold, or could hold, a card's number. Its last four digits, scheme and expiry are none (PCI DSS 3.4.1). */
const CARD_NUMBER =
  /^(?:raw_?)?(?:pan|primary_?account_?(?:number|no)|card_?(?:number|num|no)|cc_?(?:number|num|no)|account_?number)s?(?:_(?:text|value|encrypted|ciphertext|hash|enc|full|raw))?$/i;
/** Sensitive authentication data (PCI DSS 3.3.1): stored nowhere after the authorization, not even encrypted. */
const AUTHENTICATION_DATA =
  /^(?:card_?)?(?:cvv_?2?|cvc_?2?|csc|cav_?2?|cid_?code|security_?code|track_?(?:1|2|3|one|two|data|equivalent)?(?:_?data)?|mag(?:netic)?_?stripe(?:_?data)?|pin_?block|pin)s?(?:_(?:text|value|encrypted|ciphertext|hash|enc|full|raw))?$/i;

/** The columns that a schema declares: in SQL (migrations, an object's own tables) and in drizzle's column functions. */
export function columnsOf({ path, text }: Source): string[] {
  if (path.endsWith(".sql")) return sqlColumns(text);
  const inSql = Array.from(
    text.matchAll(/["'`]([^"'`]*\b(?:CREATE\s+TABLE|ADD\s+COLUMN)\b[^"'`]*)["'`]/gi),
    ([, sql = ""]) => sqlColumns(sql),
  ).flat();
  const inDrizzle = Array.from(
    text.matchAll(/\b([A-Za-z_]\w*)\s*:\s*(?:text|integer|blob|real|numeric)\(\s*(?:["']([^"']+)["'])?/g),
    ([, property = "", name]) => [property, ...(name === undefined ? [] : [name])],
  ).flat();
  return [...inSql, ...inDrizzle];
}

/** Columns that could hold what a schema must not: card numbers outside the CDE, authentication data anywhere. */
export function columnProblems(sources: readonly Source[]): string[] {
  return sources.flatMap((source) => {
    const inCde = /^(?:workers\/cde|d1-migrations\/vault)\//.test(source.path);
    return columnsOf(source).flatMap((name) => {
      if (AUTHENTICATION_DATA.test(name)) return [`${source.path} has a column ${name}: it is stored nowhere`];
      if (!inCde && CARD_NUMBER.test(name)) return [`${source.path} has a column ${name}: it belongs in the CDE`];
      return [];
    });
  });
}

function sqlColumns(sql: string): string[] {
  return Array.from(
    sql.matchAll(
      /(?:[(,]|\bADD\s+(?:COLUMN\s+)?)\s*[`"[]?([A-Za-z_]\w*)[`"\]]?\s+(?:text|integer|int|blob|real|numeric|any)\b/gi,
    ),
    ([, name = ""]) => name,
  );
}
