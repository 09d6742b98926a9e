import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { AuditReader, Proven } from "../../../protocol/rooms/audit.ts";
import type { Result } from "../../../protocol/result.ts";
import { parseVerifierKey, type VerifierKey } from "../../../protocol/tlog/note.ts";
import { verifyLog } from "../../../protocol/tlog/verify-log.ts";
import { makeLogKeys } from "../../../tools/platform/log-keys.ts";
import { type RoomUnderTest, startRoom } from "../../../tools/platform/room-under-test.ts";
import { prunedTo } from "../entry.ts";

/** The audit room on workerd with keys of its own, on a state folder that outlives its process. */
export class AuditRoom {
  readonly state: string;
  readonly logged: string[] = [];
  readonly keys: Awaited<ReturnType<typeof makeLogKeys>>;
  readonly key: VerifierKey;
  room: RoomUnderTest;

  private constructor(state: string, keys: AuditRoom["keys"], key: VerifierKey, room: RoomUnderTest) {
    this.state = state;
    this.keys = keys;
    this.key = key;
    this.room = room;
  }

  static async start(state: string): Promise<AuditRoom> {
    const keys = await makeLogKeys("eu");
    const key = await parseVerifierKey(keys.logKeys.logs.platform);
    if (!key.ok) throw new Error(key.reason);
    const here: { under?: AuditRoom } = {};
    const onLog = (line: string) => void here.under?.logged.push(line);
    here.under = new AuditRoom(
      state,
      keys,
      key.value,
      await startRoom("audit", { state, secrets: keys.secrets, onLog }),
    );
    return here.under;
  }

  /** Ends the process, lets somebody at its files, and starts it again. */
  async again(between: () => void | Promise<void> = () => {}): Promise<void> {
    await this.room.stop();
    await between();
    const onLog = (line: string) => void this.logged.push(line);
    this.room = await startRoom("audit", { state: this.state, secrets: this.keys.secrets, onLog });
  }

  /** Somebody with access to the object's file. */
  withStore(work: (store: DatabaseSync) => void): void {
    const file = readdirSync(this.state, { recursive: true, encoding: "utf8" }).find(
      (name) => name.includes("AuditLog") && name.endsWith(".sqlite") && !name.endsWith("metadata.sqlite"),
    );
    if (file === undefined) throw new Error("the object's store is not there");
    const store = new DatabaseSync(join(this.state, file));
    try {
      work(store);
    } finally {
      store.close();
    }
  }

  bucket() {
    return this.room.miniflare.getR2Bucket("TILES", this.room.worker);
  }

  read(from: number, limit = 1000): ReturnType<AuditReader["read"]> {
    return this.room.call("ForOps", "ops", "read", from, limit);
  }

  resource(path: string): Promise<Result<Uint8Array, "unknown" | "unavailable">> {
    return this.room.call("ForOps", "ops", "resource", path);
  }

  proof(index: number): Promise<Proven> {
    return this.room.call("ForIdentity", "identity", "proof", index);
  }

  /** As `tools/audit` does, over the ops room's door. */
  verified(kept?: string): ReturnType<typeof verifyLog> {
    return verifyLog({
      key: this.key,
      read: async (path) => {
        const found = await this.resource(path);
        if (!found.ok && found.reason === "unavailable") throw new Error("the log does not answer");
        return found.ok ? Uint8Array.from(found.value) : null;
      },
      ...(kept === undefined ? {} : { kept }),
      prunedTo: (leaf) => prunedTo(new TextDecoder().decode(leaf)),
    });
  }

  async checkpoint(): Promise<string> {
    const found = await this.resource("checkpoint");
    return found.ok ? new TextDecoder().decode(found.value) : "";
  }
}
