import { encodeEnvelope } from "../../protocol/cart/codec.ts";
import { signFrame } from "../../protocol/cart/cose.ts";
import type { CartBodies, CartMessage } from "../../protocol/cart/messages.ts";
import type { CartSerial, SessionId } from "../../protocol/ids.ts";
import type { Signed } from "../../protocol/rooms/sessions.ts";

/** Makes frames as the door hands them on: well formed, the signature already judged. */
export class FrameMaker {
  readonly cart: CartSerial;
  session: SessionId | null;

  constructor(cart: CartSerial, session: SessionId | null) {
    this.cart = cart;
    this.session = session;
  }

  async frame<M extends CartMessage>(
    message: M,
    body: CartBodies[M],
    seq: number,
    boot = 1,
  ): Promise<Signed<CartBodies[M]>> {
    const envelope = { session: this.session, boot, seq, time: 1_700_000_000_000 + seq, body };
    const random = async () => crypto.getRandomValues(new Uint8Array(64));
    const frame = await signFrame(
      encodeEnvelope(message, envelope),
      new Uint8Array(8),
      "cartwright/1 POST /test",
      random,
    );
    return { frame, envelope, cart: this.cart };
  }
}
