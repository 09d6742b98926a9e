import { adoptAnswer } from "../payments/adopt.ts";
import { noteDone, noteEvent, noteHandoff } from "../payments/noted.ts";
import { authorizationByHandoff, type Till } from "../payments/records.ts";
import { resumeRefunds } from "../payments/refund.ts";
import { resume } from "../payments/settle.ts";
import { giveBack } from "../payments/surplus.ts";
import type { ProcessorEvent } from "../processor/processor.ts";

/**
 * `taken`: the processor was asked and its answer written. `duplicate`: an earlier delivery was. `ignored`: nothing
 * here depends on such an event. `no_answer`: the processor was silent; the delivery is to come again.
 */
export type Taken = "taken" | "duplicate" | "ignored" | "no_answer";

/**
 * Asks the processor about the payment that a verified event points at. Of the event itself only the reference is
 * used, so a late, early or repeated one can't say anything wrong: the state comes from the processor as it is now.
 * @param of the processor's name: event ids are its own
 */
export async function takeEvent(till: Till, of: string, event: ProcessorEvent): Promise<Taken> {
  if (event.reference === null) return "ignored";
  const id = `${of}:${event.id}`;
  if ((await noteEvent(till, id, event)).done) return "duplicate";
  const payment = await till.processor.payment(event.reference);
  if (!payment.ok) return "no_answer";
  if (payment.value !== null) {
    // Noted even when nobody has asked for the hand-off yet: the asking that comes finds the payment by it.
    await noteHandoff(till, id, payment.value.handoff);
    const row = await authorizationByHandoff(till, payment.value.handoff);
    if (row !== undefined) {
      const adopted = await adoptAnswer(till, row, event.reference);
      if (!adopted.answered) return "no_answer";
      const settled = await resume(till, adopted.row);
      // A payment that comes after the hand-off was settled is adopted by nobody: it is given back.
      if (settled.reference !== null) await giveBack(till, settled, [payment.value], settled.reference);
      if (!(await resumeRefunds(till, settled.id))) return "no_answer";
    }
  }
  await noteDone(till, id);
  return "taken";
}
