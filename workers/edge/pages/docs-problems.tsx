import { PROBLEMS } from "../app/problem.ts";

/** One line for all of an operation's refusals: each status and code, leading to what it means. */
export function Refusals({ responses }: { readonly responses: readonly (readonly [status: string, text: string])[] }) {
  const codes = responses.flatMap(([status, text]) =>
    [...text.matchAll(/`(\w+)`:/g)].map(([, code = ""]) => ({ status, code })),
  );
  return (
    <p class="refusals">
      Refusals:{" "}
      {codes.map(({ status, code }, index) => (
        <>
          <span>
            {status}{" "}
            <a href={`#problem-${code}`}>
              <code>{code}</code>
            </a>
            {index === codes.length - 1 ? "." : ","}
          </span>{" "}
        </>
      ))}
    </p>
  );
}

/** Every code that a refusal may have. */
export function Problems() {
  return (
    <section>
      <h2 id="problems">Problems</h2>
      <p>
        Every refusal is an <code>application/problem+json</code> (RFC 9457), a <a href="#schema-Problem">Problem</a>{" "}
        with one of these codes.
      </p>
      <dl class="problems">
        {Object.entries(PROBLEMS).map(([code, [status, title]]) => (
          <div id={`problem-${code}`}>
            <dt>
              {status} <code>{code}</code>
            </dt>
            <dd>{title}.</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
