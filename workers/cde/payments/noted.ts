import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/d1";
import type { ProcessorEvent } from "../processor/processor.ts";
import { webhookEvents } from "../schema.ts";
import type { Till } from "./records.ts";

/** Notes an event before it is acted on. @returns whether an earlier delivery of it was acted on to the end */
export async function noteEvent(till: Till, id: string, event: ProcessorEvent): Promise<{ readonly done: boolean }> {
  const database = drizzle(till.database);
  await database
    .insert(webhookEvents)
    .values({ id, type: event.type, reference: event.reference, state: "received", received: till.now })
    .onConflictDoNothing();
  const row = await database.select().from(webhookEvents).where(eq(webhookEvents.id, id)).get();
  return { done: row?.state === "done" };
}

/** The hand-off that the processor, when asked, said the event's payment is for. */
export async function noteHandoff(till: Till, id: string, handoff: string): Promise<void> {
  await drizzle(till.database).update(webhookEvents).set({ handoff }).where(eq(webhookEvents.id, id));
}

export async function noteDone(till: Till, id: string): Promise<void> {
  await drizzle(till.database).update(webhookEvents).set({ state: "done" }).where(eq(webhookEvents.id, id));
}

/** Payments that webhooks pointed at and that the processor said are for this hand-off. */
export async function referencesOf(till: Till, handoff: string): Promise<(string | null)[]> {
  const rows = await drizzle(till.database)
    .selectDistinct({ reference: webhookEvents.reference })
    .from(webhookEvents)
    .where(eq(webhookEvents.handoff, handoff));
  return rows.map((each) => each.reference);
}
