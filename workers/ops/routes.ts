import type { Hono } from "hono";
import { ok } from "../../protocol/result.ts";
import { MAX_IMAGE_BYTES } from "../../protocol/rooms/fleet.ts";
import { only, type OpsContext } from "./access.ts";
import { answer, plain } from "./answer.ts";
import { type Asked, body, type Handler, incidentOf, path } from "./asked.ts";
import { auditResource, hashTile } from "./audit-resource.ts";
import { MAX_CSV, MAX_NOTE, readBytes, readText } from "./body.ts";
import { CALLS, type Call } from "./calls.ts";
import * as forms from "./forms.ts";
import { PRIVACY_HANDLERS } from "./privacy-routes.ts";
import { problem } from "./problem.ts";
import { PEOPLE_HANDLERS } from "./people-routes.ts";
import { panAround, record, refusePan } from "./tripwire.ts";

/** What each call does: path and body are checked, one room is asked, its answer is carried. */
const HANDLERS: Readonly<Record<keyof typeof CALLS, Handler>> = {
  putStore: (asked) =>
    path(asked, "store", forms.storeId, (store) =>
      body(asked, forms.storeSettings, async (settings) => answer(await asked.env.STORES.put({ store, ...settings }))),
    ),
  importCatalogue: (asked) =>
    path(asked, "store", forms.storeId, async (store) => {
      const csv = await readText(asked.request, "text/csv", MAX_CSV);
      if (!csv.ok) return problem(csv.reason);
      const imported = await asked.env.STORES.importCatalogue(store, csv.value);
      const rows = imported.ok ? imported.value.refused.filter(({ reason }) => reason === "pan_detected").length : 0;
      if (rows > 0) await record(asked.env, { ...incidentOf(asked), field: "name", rows });
      return answer(imported);
    }),
  putBeacon: (asked) =>
    path(asked, "store", forms.storeId, (store) =>
      path(asked, "beacon", forms.beaconId, (beacon) =>
        body(asked, forms.beaconKey, async ({ publicKey }) =>
          answer(await asked.env.FLEET.registerBeacon(store, beacon, publicKey)),
        ),
      ),
    ),
  addLoyaltyFormat: (asked) =>
    body(asked, forms.loyaltyFormat, async (format) => answer(await asked.env.IDENTITY.registerLoyaltyFormat(format))),
  importMembers: (asked) =>
    body(asked, forms.memberList, async ({ members }) => answer(await asked.env.IDENTITY.importMembers(members))),
  replayTombstones: (asked) =>
    body(asked, forms.replayFrom, async ({ from }) => answer(await asked.env.IDENTITY.replayTombstones(from))),
  identityKeys: async (asked) => answer(await asked.env.IDENTITY.keyUses()),
  rotateIdentityKeys: (asked) =>
    body(asked, forms.rotationFrom, async ({ from }) => answer(await asked.env.IDENTITY.rotateKeys(from))),
  retireIdentityKey: (asked) =>
    body(asked, forms.keyVersion, async ({ key, version }) =>
      answer(await asked.env.IDENTITY.retireKey(key, version, asked.staff.id)),
    ),
  importManifest: (asked) =>
    body(asked, forms.manifestLines, async ({ entries }) => answer(await asked.env.FLEET.importManifest(entries))),
  enrol: (asked) =>
    body(asked, forms.enrolment, async ({ csr }) => {
      const enrolled = await asked.env.FLEET.enrol(csr);
      if (!enrolled.ok) return problem(enrolled.reason);
      const { certificate, chain } = enrolled.value;
      return answer(ok({ certificate: base64(certificate), chain: chain.map(base64) }));
    }),
  assign: (asked) =>
    path(asked, "serial", forms.cartSerial, (serial) =>
      body(asked, forms.assignment, async ({ store }) =>
        answer(await asked.env.FLEET.assign(serial, store, asked.staff.id)),
      ),
    ),
  revoke: (asked) =>
    path(asked, "serial", forms.cartSerial, async (serial) =>
      answer(await asked.env.FLEET.revoke(serial, asked.staff.id)),
    ),
  readPolicy: async (asked) => answer(await asked.env.FLEET.policy()),
  setPolicy: (asked) =>
    body(asked, forms.attestationPolicy, async (policy) =>
      answer(await asked.env.FLEET.setPolicy(policy, asked.staff.id)),
    ),
  putFirmwareImage: (asked) =>
    path(asked, "digest", forms.imageDigest, async (digest) => {
      const image = await readBytes(asked.request, "application/octet-stream", MAX_IMAGE_BYTES);
      if (!image.ok) return problem(image.reason);
      return answer(await asked.env.FLEET.putFirmwareImage(digest, image.value, asked.staff.id));
    }),
  publishFirmware: (asked) =>
    body(asked, forms.firmwareManifest, async ({ manifest }) =>
      answer(await asked.env.FLEET.publishFirmware(manifest, asked.staff.id)),
    ),
  listFirmware: async (asked) => answer(await asked.env.FLEET.listFirmware()),
  startRollout: (asked) =>
    body(asked, forms.rolloutOrder, async (order) => answer(await asked.env.FLEET.startRollout(order, asked.staff.id))),
  changeRollout: (asked) =>
    path(asked, "rollout", forms.rolloutNumber, (rollout) =>
      body(asked, forms.rolloutChange, async ({ state }) =>
        answer(await asked.env.FLEET.changeRollout(rollout, state, asked.staff.id)),
      ),
    ),
  readAudit: async (asked) => {
    const range = forms.auditRange.safeParse(asked.query);
    if (!range.success) return problem("invalid_field");
    return answer(ok(await asked.env.AUDIT.read(range.data.from, range.data.limit)));
  },
  auditCheckpoint: (asked) => auditResource(asked, "checkpoint"),
  auditCosigned: (asked) => auditResource(asked, "cosigned"),
  auditMinimum: (asked) => auditResource(asked, "minimum"),
  auditEntryBundle: (asked) => auditResource(asked, `tile/entries/${asked.params["bundle"] ?? ""}`),
  auditTile: (asked) => hashTile(asked, asked.params["tile"] ?? ""),
  proveEntry: (asked) =>
    path(asked, "index", forms.entryIndex, async (index) => plain(await asked.env.AUDIT.proof(index))),
  cosignAudit: async (asked) => {
    const note = await readText(asked.request, "text/plain", MAX_NOTE);
    if (!note.ok) return problem(note.reason);
    return answer(await asked.env.AUDIT.addCosignatures(note.value));
  },
  listIncidents: async (asked) => {
    const range = forms.auditRange.safeParse(asked.query);
    if (!range.success) return problem("invalid_field");
    const { from, limit } = range.data;
    const { entries, size } = await asked.env.AUDIT.read(from, limit);
    const incidents = entries.filter(({ kind }) => kind === "pan_detected");
    const next = (entries.at(-1)?.index ?? size - 1) + 1;
    return answer(ok({ incidents, next: next < size ? next : null }));
  },
  dailyTelemetry: (asked) =>
    path(asked, "store", forms.storeId, (store) =>
      path(asked, "day", forms.day, async (day) => answer(await asked.env.TELEMETRY.daily(store, day))),
    ),
  viewSession: (asked) =>
    path(asked, "session", forms.sessionId, async (session) => answer(await asked.env.TRIPS.view(session))),
  clearHold: (asked) =>
    path(asked, "session", forms.sessionId, (session) =>
      path(asked, "hold", forms.holdNumber, (hold) =>
        body(asked, forms.decision, async ({ reason }) =>
          answer(await asked.env.TRIPS.clearHold(session, hold, { staff: asked.staff.id, reason })),
        ),
      ),
    ),
  voidTrip: (asked) =>
    path(asked, "session", forms.sessionId, (session) =>
      body(asked, forms.decision, async ({ reason }) =>
        answer(await asked.env.TRIPS.voidTrip(session, { staff: asked.staff.id, reason })),
      ),
    ),
  refund: (asked) =>
    path(asked, "reference", forms.receiptReference, (receipt) =>
      body(asked, forms.refund, async ({ lines, reason }) => {
        const key = forms.idempotencyKey.safeParse(asked.request.headers.get("idempotency-key"));
        if (!key.success) return problem("invalid_field", { field: "Idempotency-Key" });
        const order = { receipt, lines, reason, staff: asked.staff.id, key: key.data };
        const refunded = await asked.env.TRIPS.refund(order);
        return refunded.ok && refunded.value.state === "pending"
          ? Response.json(refunded.value, { status: 202 })
          : answer(refunded);
      }),
    ),
  releaseCart: (asked) =>
    path(asked, "serial", forms.cartSerial, async (serial) =>
      answer(await asked.env.TRIPS.releaseCart(serial, asked.staff.id)),
    ),
  ...PEOPLE_HANDLERS,
  ...PRIVACY_HANDLERS,
};

/** Binds every call of the table to its path, behind its roles; another method on such a path is 405. */
export function route(app: Hono<OpsContext>): void {
  for (const [name, handler] of Object.entries(HANDLERS)) {
    const call: Call = CALLS[name as keyof typeof CALLS];
    app.on(call.method, call.path, only(call), async (c) => {
      const asked: Asked = {
        route: `${call.method} ${call.path}`,
        env: c.env,
        request: c.req.raw,
        staff: c.var.staff,
        params: c.req.param(),
        query: c.req.query(),
      };
      const hit = panAround(asked.request);
      return hit === null ? handler(asked) : refusePan(asked.env, { ...incidentOf(asked), ...hit });
    });
  }
  const paths = Map.groupBy<string, Call>(Object.values(CALLS), ({ path: each }) => each);
  for (const [each, calls] of paths) {
    const allow = calls.map(({ method }) => method).join(", ");
    app.all(each, () => problem("method_not_allowed", { headers: { allow } }));
  }
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
