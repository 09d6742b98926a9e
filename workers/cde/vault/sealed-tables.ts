import type { Place } from "./seal.ts";

/** A table with a sealed column: what a rotation walks through, and what keeps a data key in use. */
export interface SealedTable {
  readonly name: "cards" | "idempotency";
  readonly key: string;
  readonly sealed: string;
  /** The rotation's column that says how far its walk has come here. */
  readonly cursor: "card_cursor" | "answer_cursor";
  readonly place: (cell: string, id: string, keyVersion: number) => Place & { readonly keyVersion: number };
}

/** All of them: the schema's sealed columns, each with its associated data. */
export const SEALED: readonly SealedTable[] = [
  { name: "cards", key: "fingerprint", sealed: "pan", cursor: "card_cursor", place: panPlace },
  { name: "idempotency", key: "id", sealed: "answer", cursor: "answer_cursor", place: answerPlace },
];

export function panPlace(cell: string, fingerprint: string, keyVersion: number) {
  return { cell, record: `cards/${fingerprint}`, field: "pan", keyVersion };
}

export function answerPlace(cell: string, id: string, keyVersion: number) {
  return { cell, record: `idempotency/${id}`, field: "answer", keyVersion };
}
