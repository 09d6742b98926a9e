import { WorkerEntrypoint } from "cloudflare:workers";
import type { CallerProps } from "../../protocol/rooms/boot.ts";
import { type CalendarDate, parseCalendarDate } from "../../protocol/calendar/date.ts";
import type { IdentityForOps, IdentityForRestores, LoyaltyFormat, Member } from "../../protocol/rooms/identity.ts";
import type { IdentityForKeys, IdentityKey } from "../../protocol/rooms/key-rotation.ts";
import type { PrivacyOrder } from "../../protocol/rooms/privacy.ts";
import type { IdentityForPrivacyOps, Recipient } from "../../protocol/rooms/privacy-doors.ts";
import type { IdentityForRawReads, RawReadGrant, RawReadId, RawSubject } from "../../protocol/rooms/raw-read.ts";
import { checkGrant, required, staffId, STATEMENT, text, textOrNull } from "./arguments.ts";
import { doorway } from "./doorway.ts";
import type { Env } from "./env.ts";
import { keyUses } from "./key-uses.ts";
import { registerFormat } from "./loyalty-cards.ts";
import { importMembers } from "./members.ts";
import { createLetter, requestList } from "./privacy-orders.ts";
import { rawRead, rosterChanged, sccChanged } from "./raw-read.ts";
import { rawReadDesk, type RawReadDesk } from "./raw-read-desk.ts";
import { openSubject, sealSubject } from "./raw-read-subject.ts";
import { registerRecipient } from "./recipients.ts";
import { retireKey, rotateKeys } from "./rotation.ts";
import { replayTombstones } from "./tombstone-replay.ts";

/** For staff: members and formats, letters, keys, restores, and raw reads by two people. */
export class ForOps
  extends WorkerEntrypoint<Env, CallerProps>
  implements IdentityForOps, IdentityForRestores, IdentityForRawReads, IdentityForPrivacyOps, IdentityForKeys
{
  readonly #enter = doorway(this.env, this.ctx.props, "ops", "ForOps");

  registerLoyaltyFormat(format: LoyaltyFormat) {
    return this.#enter("registerLoyaltyFormat", (room) => registerFormat(room, format));
  }
  importMembers(members: readonly Member[]) {
    return this.#enter("importMembers", (room) => importMembers(room, members));
  }
  replayTombstones(from: string | null) {
    return this.#enter("replayTombstones", (room) => replayTombstones(room, textOrNull("from", from, 64)));
  }
  keyUses() {
    return this.#enter("keyUses", keyUses);
  }
  rotateKeys(from: string | null) {
    return this.#enter("rotateKeys", (room) => rotateKeys(room, textOrNull("from", from, 128)));
  }
  retireKey(key: IdentityKey, version: number, staff: string) {
    return this.#enter("retireKey", (room) => {
      if (key !== "wrapping" && key !== "index") throw new RangeError("key is malformed");
      return retireKey(
        room,
        key,
        required("version", Number.isSafeInteger(version) ? version : undefined),
        staffId(staff),
      );
    });
  }
  registerRecipient(recipient: Recipient, staff: string) {
    return this.#enter("registerRecipient", (room) => registerRecipient(room, recipient, staffId(staff)));
  }
  createLetterRequest(loyalty: string, order: Omit<PrivacyOrder, "key">, receivedOn: CalendarDate, staff: string) {
    return this.#enter("createLetterRequest", (room) => {
      const on = required("receivedOn", parseCalendarDate(receivedOn));
      return createLetter(room, text("loyalty", loyalty, 64), order, on, staffId(staff));
    });
  }
  privacyRequestList(after: string | null) {
    return this.#enter("privacyRequestList", (room) => requestList(room, textOrNull("after", after, 64)));
  }
  sealRawSubject(id: RawReadId, subject: RawSubject) {
    return this.#raw("sealRawSubject", (desk) => sealSubject(desk, text("id", id, 26), subject));
  }
  openRawSubject(id: RawReadId, sealed: string) {
    return this.#raw("openRawSubject", (desk) => openSubject(desk, text("id", id, 26), text("sealed", sealed, 1024)));
  }
  rawRead(grant: RawReadGrant) {
    return this.#raw("rawRead", (desk) => rawRead(desk, checkGrant(grant)));
  }
  rosterChanged(record: string) {
    return this.#raw("rosterChanged", (desk) => rosterChanged(desk, text("record", record, STATEMENT)));
  }
  sccChanged(scc: string, officer: string) {
    return this.#raw("sccChanged", (desk) =>
      sccChanged(desk, text("scc", scc, STATEMENT), text("officer", officer, STATEMENT)),
    );
  }
  #raw<T>(method: string, work: (desk: RawReadDesk) => Promise<T>) {
    return this.#enter(method, async (room) => work(await rawReadDesk(this.env, room)));
  }
}
