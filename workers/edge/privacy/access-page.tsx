/** @jsxImportSource hono/jsx */
import type { z } from "@hono/zod-openapi";
import { LAW_CALENDARS } from "../../../protocol/calendar/deadlines.ts";
import { formatMoney } from "../../../protocol/money/format.ts";
import type { Receipt } from "../../../protocol/rooms/stores.ts";
import type { AccessFile } from "../app/privacy-schemas.ts";
import { Page, render } from "../pages/page.tsx";
import { fieldsText, LAW_NAMES, OF_NOTHING, purposeText, whoText } from "./access-words.ts";

type File = z.infer<typeof AccessFile>;
type Row = Readonly<Record<string, unknown>>;
type When = (at: unknown) => string;

/**
 * What an access request found, as a page to read and to print (WCAG 2.2 AA, no script). Tables have captions and
 * header cells; what there is nothing of says so.
 */
export function accessPage(file: File): Promise<string> {
  const when = clockOf(file.law);
  const [profile] = file.profile as readonly Row[];
  return render(
    <Page title="What we have about you">
      <h1>What we have about you</h1>
      <p>
        Your request of {file.receivedOn}, under {LAW_NAMES[file.law]}. This is kept until {when(file.until)}; after
        that it is deleted. Times are those of {LAW_CALENDARS[file.law].timeZone}.
      </p>
      <Section id="profile" title="Profile">
        {profile === undefined ? (
          <p>{OF_NOTHING}</p>
        ) : (
          <Table
            caption="Your details, as they are now"
            head={["Field", "Value"]}
            rows={["name", "email", "phone", "address", "nickname"].map((field) => [
              fieldsText([field]),
              profile[field] ?? "not given",
            ])}
          />
        )}
      </Section>
      <Section id="cards" title="Loyalty cards and payment methods">
        <Table
          caption="Loyalty numbers"
          head={["Number", "Since"]}
          rows={list(file.loyaltyNumbers).map(({ number, added }) => [number, when(added)])}
        />
        <Table
          caption="Payment methods; the card's number is not known here"
          head={["Card", "Expires", "Since"]}
          rows={list(file.paymentMethods).map(({ scheme, last4, expMonth, expYear, added }) => [
            `${String(scheme)}, ending in ${String(last4)}`,
            `${String(expMonth).padStart(2, "0")}/${String(expYear)}`,
            when(added),
          ])}
        />
        <p>
          Cards that are recognised as yours when you tap them: {file.recognisedCards.length}. They are kept as a keyed
          fingerprint that nobody can read.
        </p>
      </Section>
      <Section id="trips" title="Trips">
        <Table
          caption="Trips that are linked to you"
          head={["Trip", "Linked", "Ended"]}
          rows={list(file.trips).map(({ session, linked, ended }) => [
            session,
            when(linked),
            ended === null ? "going on" : when(ended),
          ])}
        />
        {list(file.baskets).map((basket) => (
          <Basket basket={basket} />
        ))}
        <Table
          caption="What was scanned on those trips, by the number on the package"
          head={["When", "What", "Item", "Quantity", "Trip"]}
          rows={list(file.scans).map(({ at, kind, item, quantity, session }) => [
            when(at),
            kind === "scan" ? "scanned" : "taken out",
            item ?? "unknown",
            quantity,
            String(session).slice(0, 8),
          ])}
        />
      </Section>
      <Section id="receipts" title="Receipts">
        {(file.receipts ?? []).length === 0 ? <p>{OF_NOTHING}</p> : null}
        {list(file.receipts).map((receipt) => (
          <Bought receipt={receipt as unknown as Receipt} />
        ))}
      </Section>
      <Section id="recipients" title="Who outside has your data">
        <Table
          caption="Recipients"
          head={["Recipient", "Fields", "Since", "Told of changes"]}
          rows={list(file.recipients).map(({ recipient, fields, since, told }) => [
            recipient,
            fieldsText(fields as readonly string[]),
            when(since),
            list(told)
              .map(({ of, at }) => `${String(of)}, ${when(at)}`)
              .join("; ") || "nothing yet",
          ])}
        />
      </Section>
      <Section id="looks" title="Who looked">
        <p>Each line is an entry of the audit log, which can't be changed afterwards.</p>
        <Table
          caption="Every time that your data was opened"
          head={["When", "Who", "Why", "Fields", "Entry"]}
          rows={list(file.looks).map(({ at, who, purpose, fields, auditIndex }) => [
            when(at),
            whoText(String(who)),
            purposeText(String(purpose)),
            fieldsText(fields as readonly string[]),
            auditIndex,
          ])}
        />
        {file.looksLeftOut === undefined ? null : (
          <p>
            <strong>
              {file.looksLeftOut} more {file.looksLeftOut === 1 ? "entry is" : "entries are"} not in this file
            </strong>
            , which has room for the oldest ones. Ask for them and you get them.
          </p>
        )}
      </Section>
      <Section id="requests" title="Your privacy requests">
        <Table
          caption="Requests"
          head={["Received", "Kind", "Outcome"]}
          rows={list(file.requests).map(({ receivedOn, kind, outcome }) => [receivedOn, kind, outcome])}
        />
      </Section>
    </Page>,
  );
}

function Section({
  id,
  title,
  children,
}: {
  readonly id: string;
  readonly title: string;
  readonly children?: unknown;
}) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children as never}
    </section>
  );
}

/** Wide tables scroll by themselves, by keyboard too, so that the page never does (WCAG 1.4.10, 2.1.1). */
function Table(props: {
  readonly caption: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}) {
  const { caption, head, rows } = props;
  if (rows.length === 0)
    return (
      <p>
        {caption}: {OF_NOTHING}
      </p>
    );
  return (
    <div class="scroll" role="region" aria-label={caption} tabindex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((name) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest]) => (
            <tr>
              <th scope="row">{String(first)}</th>
              {rest.map((cell) => (
                <td>{String(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Basket({ basket }: { readonly basket: Row }) {
  return (
    <Table
      caption={`The basket of trip ${String(basket["session"])} in ${String(basket["store"])}`}
      head={["Item", "Quantity"]}
      rows={list(basket["lines"]).map(({ name, quantity }) => [name, quantity])}
    />
  );
}

function Bought({ receipt }: { readonly receipt: Receipt }) {
  const { number, store, issuedAt, lines, totalMinor, currency, payment } = receipt;
  const money = (minor: number) => formatMoney({ minor, currency }, "en");
  return (
    <>
      <h3>
        {store.name}, {issuedAt.slice(0, 10)}
      </h3>
      <Table
        caption={`Receipt ${number}: ${money(totalMinor)}, paid with ${payment.scheme} ending in ${payment.last4}`}
        head={["Item", "Quantity", "Amount"]}
        rows={lines.map((line) => [line.name, line.quantity, money(line.totalMinor)])}
      />
    </>
  );
}

function list(value: unknown): readonly Row[] {
  return Array.isArray(value) ? (value as readonly Row[]) : [];
}

function clockOf(law: File["law"]): When {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: LAW_CALENDARS[law].timeZone,
    dateStyle: "medium",
    timeStyle: "short",
  });
  return (at) => (typeof at === "number" ? format.format(at) : "");
}
