import type { Cell, CustomerId } from "../../protocol/ids.ts";
import { type BlindIndex, blindIndex } from "../../workers/identity/blind-index.ts";
import { type Bytes, secretBytes } from "../../workers/identity/bytes.ts";
import { parseLoyaltyNumber } from "../../workers/identity/loyalty-format.ts";
import { keyRing } from "../../workers/identity/key-ring.ts";
import {
  commitment,
  type PersonKey,
  unwrapPersonKey,
  wrappingKeys,
  type WrappingKeys,
} from "../../workers/identity/person-key.ts";
import { open, type SealedName } from "../../workers/identity/sealed-field.ts";
import { tombstones, type Tombstones } from "../../workers/identity/tombstones.ts";
import type { CellKeys } from "../platform/keys.ts";
import type { Needle } from "./needles.ts";
import type { Row } from "./state.ts";
import { vaultDigest, type DigestOf } from "./vault-digest.ts";

const OF_THE_VAULT: readonly DigestOf[] = [
  "pan",
  "token",
  "token-account",
  "card-reference",
  "payment-account-reference",
];

/** All that somebody with every key of a cell can compute: what an insider would use to find the way back. */
export class Keyring {
  readonly #cell: Cell;
  readonly #kek: WrappingKeys;
  readonly #index: BlindIndex;
  readonly #stones: Tombstones;
  readonly #digest: (of: DigestOf, value: string) => string;
  /** Identity providers whose subjects the words may be. */
  readonly #issuers: readonly string[];

  private constructor(parts: {
    cell: Cell;
    kek: WrappingKeys;
    index: BlindIndex;
    stones: Tombstones;
    digest: (of: DigestOf, value: string) => string;
    issuers: readonly string[];
  }) {
    this.#cell = parts.cell;
    this.#kek = parts.kek;
    this.#index = parts.index;
    this.#stones = parts.stones;
    this.#digest = parts.digest;
    this.#issuers = parts.issuers;
  }

  static async of({ cell, secrets }: CellKeys, issuers: readonly string[]): Promise<Keyring> {
    const secret = (name: string): Bytes => secretBytes(name, secrets[name] ?? "");
    const ring = (name: string) => keyRing(name, secrets[name] ?? "");
    const noBucket = null as never;
    const noRandom = () => new Uint8Array(0);
    return new Keyring({
      cell,
      kek: await wrappingKeys(ring("IDENTITY_KEK")),
      index: blindIndex(ring("IDENTITY_INDEX_KEY"), cell),
      stones: tombstones(noBucket, secret("IDENTITY_TOMBSTONE_KEY"), cell, noRandom),
      digest: (of, value) => vaultDigest(secrets["FINGERPRINT_KEY"] ?? "", cell, of, value),
      issuers,
    });
  }

  /** Keyed forms of a word, wherever a store could have it. */
  async forms(word: string): Promise<Needle[]> {
    const number = parseLoyaltyNumber(word) ?? word;
    const made = await Promise.all([
      this.#index.all("loyalty", number),
      this.#index.all("card_reference", word),
      this.#index.all("payment_method", word),
      this.#index.all("pairing_code", word),
      ...this.#issuers.flatMap((issuer) => [
        this.#index.all("subject", issuer, word),
        this.#stones.value("subject", issuer, word),
      ]),
    ]);
    const ofTheVault = OF_THE_VAULT.map((of) => this.#digest(of, word));
    return [...made.flat(), ...ofTheVault].map((text) => ({ bytes: Buffer.from(text), what: "a keyed form of it" }));
  }

  /** Keyed forms of a word together with what a row has beside it: the credential of a session, the asker of a request. */
  async formsBeside(word: string, row: Row): Promise<Needle[]> {
    const number = parseLoyaltyNumber(word) ?? word;
    if (row.table === "session_links") {
      const session = cell(row, "session");
      const made = await Promise.all([
        this.#index.all("credential", session, "loyalty", number),
        this.#index.all("credential", session, "card", word),
        this.#index.all("credential", session, "pairing", word),
      ]);
      return made.flat().map((text) => ({ bytes: Buffer.from(text), what: "a keyed form of it and the session" }));
    }
    if (row.table !== "privacy_requests") return [];
    const id = cell(row, "id");
    const made = await Promise.all(
      this.#issuers.flatMap((issuer) => [
        this.#index.all("privacy_requester", id, issuer, word),
        this.#stones.value("request", "privacy_requester", id, issuer, word),
      ]),
    );
    return made.flat().map((text) => ({ bytes: Buffer.from(text), what: "a keyed form of it and the request" }));
  }

  /** How the identity room has a card of the vault: its reference, keyed there once more, in each database differently. */
  async cardIndexes(account: string): Promise<readonly string[]> {
    const reference = this.#digest("card-reference", account);
    const made = await Promise.all([
      this.#index.all("card_reference", reference),
      this.#index.all("payment_method", reference),
    ]);
    return made.flat();
  }

  /** Whether a tombstone is the word's own. */
  async isTombstoneOf(word: string, object: string): Promise<boolean> {
    const values = await Promise.all([
      ...this.#issuers.map((issuer) => this.#stones.value("subject", issuer, word)),
      this.#stones.value("customer", word),
    ]);
    const marks = await Promise.all(values.map((value) => this.#stones.isMarkOf(object, value)));
    return marks.includes(true);
  }

  /** A person's key out of its wrapped form; undefined for what is none. */
  async personKey(object: Row): Promise<PersonKey | undefined> {
    const [, person] = /^(?:us|eu)\/([0-9a-f-]{36})$/.exec(object.row) ?? [];
    if (person === undefined) return undefined;
    const wrapped = object.cells.get("value")?.toString() ?? "";
    return unwrapPersonKey(this.#kek, this.#cell, person as CustomerId, wrapped).catch(() => undefined);
  }

  /** What a sealed cell says, under any of the names that it may be sealed for. */
  async open(key: PersonKey, names: readonly SealedName[], sealed: string): Promise<string | undefined> {
    for (const field of names) {
      const place = { cell: this.#cell, person: key.person, field };
      const text = await open(key, place, sealed).catch(() => undefined);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  commitment(key: PersonKey): Promise<string> {
    return commitment(key);
  }
}

export function cell(row: Row, column: string): string {
  return row.cells.get(column)?.toString() ?? "";
}
