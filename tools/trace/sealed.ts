import type { PersonKey } from "../../workers/identity/person-key.ts";
import type { SealedName } from "../../workers/identity/sealed-field.ts";
import { cell, type Keyring } from "./keyring.ts";
import type { Row } from "./state.ts";

interface SealedColumns {
  readonly table: string;
  /** The column that names whose key opens it. */
  readonly person: string;
  readonly columns: readonly string[];
  names(row: Row, column: string): readonly SealedName[];
}

const SEALED: readonly SealedColumns[] = [
  {
    table: "persons",
    person: "id",
    columns: ["email", "name", "phone", "address", "nickname", "subject"],
    names: (_, column) => [column as SealedName],
  },
  {
    table: "payment_methods",
    person: "person",
    columns: ["sealed"],
    names: (row) => [`payment_method:${cell(row, "id")}`],
  },
  {
    table: "card_references",
    person: "customer",
    columns: ["sealed"],
    names: (row) => [`card_reference:${cell(row, "id")}`],
  },
  { table: "loyalty_numbers", person: "customer", columns: ["sealed"], names: (row) => [`loyalty:${cell(row, "id")}`] },
  {
    table: "privacy_requests",
    person: "customer",
    columns: ["correction"],
    names: (row) => [`correction:${cell(row, "id")}`],
  },
];

/** What every sealed cell says whose key still lies there, each key's commitment, and each card's indexes in the
 * identity room, as rows of their own. */
export async function openedRows(rows: readonly Row[], ring: Keyring): Promise<Row[]> {
  const keys = new Map<string, PersonKey>();
  for (const row of rows.filter(({ table }) => table === "objects")) {
    const key = await ring.personKey(row);
    if (key !== undefined) keys.set(key.person, key);
  }
  const opened: Row[] = [];
  for (const [person, key] of keys)
    opened.push({
      store: "cartwright-person-keys",
      table: "keys",
      row: person,
      cells: new Map([
        ["person", Buffer.from(person)],
        ["commitment", Buffer.from(await ring.commitment(key))],
      ]),
    });
  for (const row of rows.filter(({ table }) => table === "cards")) {
    const indexes = await ring.cardIndexes(cell(row, "account"));
    const keyed = indexes.map((index, i) => [`account, keyed ${i + 1}`, Buffer.from(index)] as const);
    opened.push({
      ...row,
      table: "cards_keyed",
      cells: new Map([["fingerprint", Buffer.from(cell(row, "fingerprint"))], ...keyed]),
    });
  }
  for (const row of rows) {
    const sealed = SEALED.find(({ table }) => table === row.table);
    const key = sealed === undefined ? undefined : keys.get(cell(row, sealed.person));
    if (sealed === undefined || key === undefined) continue;
    for (const column of sealed.columns) {
      const text = cell(row, column);
      const plain = text === "" ? undefined : await ring.open(key, sealed.names(row, column), text);
      if (plain === undefined) continue;
      const ids = [...row.cells].filter(([name]) => !sealed.columns.includes(name));
      opened.push({ ...row, cells: new Map([...ids, [`${column}, opened`, Buffer.from(plain)]]) });
    }
  }
  return opened;
}
