import { PROBLEMS } from "../app/problem.ts";
import type { OpenApiDocument } from "../openapi.ts";
import { Page, render } from "./page.tsx";
import { Prose, spans } from "./prose.tsx";

/** The parts of an OpenAPI operation that the page shows. */
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly security?: readonly object[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: object }[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<Record<string, { readonly description?: string; readonly content?: Content }>>;
}
type Content = Readonly<Record<string, { readonly schema?: Readonly<Record<string, unknown>> }>>;

/** The OpenAPI document for people, made on the server: no script and nothing of another origin. */
export function docsPage(document: OpenApiDocument): Promise<string> {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  return render(
    <Page title="Cartwright API: documentation">
      <h1>Cartwright API</h1>
      <p class="muted">
        Version {document.info.version}; also as <a href="/openapi.json">OpenAPI 3.1</a>.
      </p>
      <Prose text={document.info.description ?? ""} />
      {(document.tags ?? []).map((tag) => (
        <section>
          <h2>{tag.name}</h2>
          <p>{tag.description}</p>
          {operations
            .filter(({ operation }) => operation.tags?.includes(tag.name))
            .map((each) => (
              <OperationView {...each} />
            ))}
        </section>
      ))}
      <h2>Schemas</h2>
      {Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => (
        <details id={`schema-${name}`}>
          <summary>{name}</summary>
          <pre>{JSON.stringify(schema, null, 2)}</pre>
        </details>
      ))}
      <Problems />
    </Page>,
  );
}

function OperationView(props: { readonly method: string; readonly path: string; readonly operation: Operation }) {
  const { method, path, operation } = props;
  return (
    <article id={operation.operationId}>
      <h3>
        <code>
          {method} {path}
        </code>
      </h3>
      <p>
        {operation.summary}.{operation.security === undefined ? " No account is needed." : " Needs an access token."}
      </p>
      {operation.description === undefined ? null : <p>{spans(operation.description)}</p>}
      <div class="scroll">
        <table>
          <caption class="muted">What is sent and what comes back</caption>
          <tbody>
            {(operation.parameters ?? []).map((parameter) => (
              <tr>
                <th scope="row">
                  <code>{parameter.name}</code> ({parameter.in})
                </th>
                <td>
                  <code>{JSON.stringify(parameter.schema)}</code>
                </td>
              </tr>
            ))}
            {operation.requestBody === undefined ? null : (
              <tr>
                <th scope="row">Body</th>
                <td>
                  <Types content={operation.requestBody.content} />
                </td>
              </tr>
            )}
            {Object.entries(operation.responses ?? {}).map(([status, response]) => (
              <tr>
                <th scope="row">{status}</th>
                <td>
                  {spans(response.description ?? "")} <Types content={response.content} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </article>
  );
}

function Types({ content }: { readonly content: Content | undefined }) {
  return (
    <>
      {Object.entries(content ?? {}).map(([mediaType, { schema }]) => {
        const name = typeof schema?.["$ref"] === "string" ? schema["$ref"].split("/").at(-1) : undefined;
        return (
          <span>
            {" "}
            <code>{mediaType}</code> {name === undefined ? null : <a href={`#schema-${name}`}>{name}</a>}
          </span>
        );
      })}
    </>
  );
}

function Problems() {
  return (
    <section>
      <h2>Problems</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Code</th>
              <th scope="col">Status</th>
              <th scope="col">Meaning</th>
            </tr>
          </thead>
          <tbody>
            {Object.entries(PROBLEMS).map(([code, [status, title]]) => (
              <tr id={`problem-${code}`}>
                <th scope="row">
                  <code>{code}</code>
                </th>
                <td>{status}</td>
                <td>{title}.</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
