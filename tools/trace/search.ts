import type { CellKeys } from "../platform/keys.ts";
import { cell, Keyring } from "./keyring.ts";
import { idNeedles, wordNeedles } from "./needles.ts";
import { openedRows } from "./sealed.ts";
import type { CellState, Row } from "./state.ts";

/** A place that leads to the person, and how. Values are not repeated. */
export interface Path {
  readonly store: string;
  readonly table: string;
  readonly row: string;
  readonly column: string;
  readonly how: string;
}

export interface Traced {
  readonly paths: readonly Path[];
  /** The record of the person's own request and the tombstones, which lead to nothing else: kept on purpose. */
  readonly kept: readonly Path[];
  /** Files whose freed pages still have an id that no row has any more, as a database's history would. */
  readonly remnants: readonly string[];
  readonly rows: number;
}

interface Followed {
  readonly what: string;
  /** Reached through the record of a request alone. */
  readonly kept: boolean;
}

/**
 * Every path to a person in a cell's state: their words in plain and encoded, keyed with all keys of the cell, inside
 * sealed values that still open, and from each find on by the ids that it leads to (customer, session, receipt, card),
 * until nothing new is found.
 * @param words what the person is called or reached by
 * @param issuers identity providers whose subject a word may be
 */
export async function trace(
  state: CellState,
  keys: CellKeys,
  words: readonly string[],
  issuers: readonly string[],
): Promise<Traced> {
  const ring = await Keyring.of(keys, issuers);
  const rows = [...state.rows, ...(await openedRows(state.rows, ring))];
  const paths = new Map<string, Path>();
  const kept = new Map<string, Path>();
  const followed = new Map<string, Followed>();
  const follow = (id: string, what: string, isKept: boolean) => {
    const known = followed.get(id);
    if (id.length >= 8 && (known === undefined || (known.kept && !isKept))) followed.set(id, { what, kept: isKept });
  };
  const note = (row: Row, column: string, how: string, isKept: boolean) => {
    const at = `${row.store}|${row.table}|${row.row}|${column}`;
    const path = { store: row.store, table: row.table, row: row.row, column, how };
    if (!isKept) {
      kept.delete(at);
      if (!paths.has(at)) paths.set(at, path);
    } else if (!paths.has(at) && !kept.has(at)) kept.set(at, path);
  };
  const reached = (row: Row, column: string, how: string, isKept: boolean) => {
    note(row, column, how, isKept);
    for (const { id, what, alone } of leadsOf(row, column, how)) follow(id, what, isKept && !alone);
  };

  for (const [i, word] of words.entries()) {
    const name = words.length === 1 ? "it" : `word ${i + 1}`;
    const needles = [...wordNeedles(word, name), ...(await ring.forms(word))];
    if (isId(word)) follow(word, `${name}, an id`, false);
    for (const row of rows) {
      const beside = await ring.formsBeside(word, row);
      for (const [column, bytes] of row.cells)
        for (const { bytes: needle, what } of [...needles, ...beside])
          if (bytes.includes(needle)) reached(row, column, what, isRecord(row) && column === "requester");
      if (row.row.startsWith("tombstones/") && (await ring.isTombstoneOf(word, row.row)))
        reached(row, "key", "a tombstone of it", true);
    }
  }
  followAll(rows, followed, reached);
  const remnants = state.files
    .filter(({ path }) => path.includes(".sqlite"))
    .filter(({ bytes }) => [...followed].some(([id, { kept: isKept }]) => !isKept && bytes.includes(id)))
    .map(({ path }) => path);
  // An id in a freed page is a remnant; a name or a number is a leak wherever it lies.
  const raw = words.flatMap((word, i) => (isId(word) ? [] : wordNeedles(word, `word ${i + 1}`)));
  for (const { path, bytes } of state.files) {
    const hit = raw.find((needle) => bytes.includes(needle.bytes));
    const listed = [...paths.values()].some(({ store }) => path.includes(store));
    if (hit !== undefined && !listed)
      note(
        { store: path, table: "file", row: "", cells: new Map() },
        "bytes",
        `${hit.what}, in the file itself`,
        false,
      );
  }
  return {
    paths: [...paths.values()],
    kept: [...kept.values()],
    remnants: paths.size === 0 ? remnants : [],
    rows: state.rows.length,
  };
}

type Reached = (row: Row, column: string, how: string, isKept: boolean) => void;

/** From id to id until nothing new is found; one that was kept and is reached otherwise too is followed once more. */
function followAll(rows: readonly Row[], followed: ReadonlyMap<string, Followed>, reached: Reached): void {
  const done = new Set<string>();
  const next = () => [...followed].find(([id, { kept }]) => !done.has(`${id}|${kept}`));
  for (let each = next(); each !== undefined; each = next()) {
    const [id, { what, kept }] = each;
    done.add(`${id}|${kept}`);
    const needles = idNeedles(id, what);
    for (const row of rows)
      for (const [column, bytes] of row.cells)
        if (needles.some((needle) => bytes.includes(needle.bytes))) reached(row, column, what, kept);
  }
}

const isId = (word: string): boolean => /^[0-9a-f-]{32,36}$/i.test(word);

function isRecord(row: Row): boolean {
  return row.table === "privacy_requests";
}

interface Lead {
  readonly id: string;
  readonly what: string;
  /** Leads on to the person's doings wherever it was found: no record of a request may hold it. */
  readonly alone: boolean;
}

/** Where a find leads on to. @param how it was found: from a session nothing leads on to who else was on it */
function leadsOf(row: Row, column: string, how: string): Lead[] {
  const lead = (id: string, what: string, alone = false): Lead => ({ id, what, alone });
  const customer = (name: string) => lead(cell(row, name), "the customer's id");
  switch (row.table) {
    case "customers":
    case "persons":
      return [customer("id")];
    case "loyalty_numbers":
    case "card_references":
    case "pairing_codes":
    case "disclosures":
      return [customer("customer")];
    case "payment_methods":
    case "access_parts":
      return [customer("person")];
    case "keys":
      return [lead(cell(row, "commitment"), "the person's commitment", true)];
    case "session_links":
      return how === SESSION
        ? []
        : [
            lead(cell(row, "session"), SESSION),
            lead(cell(row, "one_trip"), "the one-trip number"),
            customer("customer"),
          ];
    case "privacy_requests":
      return [
        lead(cell(row, "id"), "the privacy request"),
        lead(cell(row, "customer"), "the customer's id", true),
        lead(cell(row, "subject"), "the person's commitment", true),
      ];
    case "sales":
      return [lead(cell(row, "reference"), "the receipt, by its sale")];
    case "cards_keyed":
      return [...row.cells.keys()]
        .filter((name) => name.startsWith("account"))
        .map((name) => lead(cell(row, name), "the card, as the identity room has it"));
    case "tokens":
      return [lead(cell(row, "card"), "the card, by its token")];
    case "leaves":
      return how === SESSION ? [] : commitmentsIn(cell(row, column));
    default:
      return [];
  }
}

const SESSION = "the session, by its link";

/** An entry of the audit log that names a commitment ties to it what else it names. */
function commitmentsIn(entry: string): Lead[] {
  const commitments = [...entry.matchAll(/[":]([0-9a-f]{64})"/g)].map(([, id = ""]): Lead => ({
    id,
    what: "the person's commitment",
    alone: true,
  }));
  const sessions = [...entry.matchAll(/session:([0-9a-f-]{36})/g)].map(([, id = ""]): Lead => ({
    id,
    what: SESSION,
    alone: true,
  }));
  return [...commitments, ...(commitments.length > 0 ? sessions : [])];
}
