import type { DebugState } from "../../protocol/cart/messages.ts";
import type { CartSerial } from "../../protocol/ids.ts";
import type { RetryPolicy } from "./retry.ts";
import type { SecureElement } from "./secure-element.ts";
import type { Channel, Fetch } from "./wire.ts";

export interface CartOptions {
  /** The cell's api origin, e.g. `http://127.0.0.1:8787`. */
  readonly origin: string;
  readonly serial: CartSerial;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly element: SecureElement;
  /** `digest`: SHA-256 of the running image, 32 bytes. */
  readonly firmware: { readonly version: string; readonly digest: Uint8Array; readonly securityCounter: number };
  /** Serial of the card reader. */
  readonly reader: string;
  /** The root's uncompressed point (65 bytes), which the firmware pins. */
  readonly rootPublicKey: Uint8Array;
  /** Boot count. Whoever keeps a cart between runs counts it up: a number used twice is equivocation. */
  readonly boot: number;
  /** Default 4: disabled fully and permanently. */
  readonly debug?: DebugState;
  /** Default: a link that loses nothing. */
  readonly channel?: Channel;
  readonly fetch?: Fetch;
  /** For one request; default 10 s. */
  readonly timeoutMs?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
}
