import type { Cell } from "../../protocol/ids.ts";

/** What the development certification authority of a cell gives to the fleet room, and what stays with the factory. */
export interface Authority {
  /** INTERMEDIATE_KEY_PKCS8, INTERMEDIATE_CERTIFICATE, ROOT_CERTIFICATE, STATEMENT_KEY_JWK, CELL_KEY_STATEMENT. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly rootKeyPkcs8: string;
  readonly rootPublicKey: string;
}

/** Makes the root and the intermediate (P-256, X.509) and the cell's statement key, signed by the root. */
export function makeAuthority(_cell: Cell): Promise<Authority> {
  return Promise.reject(new Error("the development authority is not built yet"));
}
