import type { OpenApiDocument } from "../openapi.ts";
import { Problems, Refusals } from "./docs-problems.tsx";
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
type Responses = NonNullable<Operation["responses"]>;
type Content = Readonly<Record<string, { readonly schema?: Readonly<Record<string, unknown>> }>>;

/** An operation with where it is asked. */
interface Listed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The OpenAPI document for people, made on the server: no script and nothing of another origin. */
export function docsPage(document: OpenApiDocument): Promise<string> {
  const listed: readonly Listed[] = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item as Readonly<Record<string, Operation>>).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
  const groups = (document.tags ?? []).map(({ name, description }) => ({
    name,
    description,
    operations: listed.filter(({ operation }) => operation.tags?.includes(name)),
  }));
  return render(
    <Page title="Cartwright API: documentation">
      <h1>Cartwright API</h1>
      <p class="muted">
        Version {document.info.version}; also as <a href="/openapi.json">OpenAPI 3.1</a>.
      </p>
      <Contents groups={groups} />
      <Prose text={document.info.description ?? ""} />
      {groups.map(({ name, description, operations }) => (
        <section>
          <h2 id={tagId(name)}>{name}</h2>
          <p>{description}</p>
          {operations.map((each) => (
            <OperationView {...each} />
          ))}
        </section>
      ))}
      <h2 id="schemas">Schemas</h2>
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

const tagId = (name: string) => `tag-${name.toLowerCase().replaceAll(" ", "-")}`;

interface Group {
  readonly name: string;
  readonly operations: readonly Listed[];
}

/** Every operation by its tag, each leading to where it is explained. */
function Contents({ groups }: { readonly groups: readonly Group[] }) {
  return (
    <nav class="contents" aria-label="Contents">
      <ul>
        {groups.map(({ name, operations }) => (
          <li>
            <a href={`#${tagId(name)}`}>{name}</a>
            <ul>
              {operations.map(({ method, path, operation }) => (
                <li>
                  <a href={`#${operation.operationId}`}>
                    <code>
                      {method} {path}
                    </code>
                  </a>
                </li>
              ))}
            </ul>
          </li>
        ))}
        <li>
          <a href="#schemas">Schemas</a>
        </li>
        <li>
          <a href="#problems">Problems</a>
        </li>
      </ul>
    </nav>
  );
}

function OperationView({ method, path, operation }: Listed) {
  const { answers, refusals } = answersOf(operation.responses ?? {});
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
        <table aria-label="What is sent and what comes back">
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
            {answers.map(([status, response]) => (
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
      {refusals.length === 0 ? null : <Refusals responses={refusals} />}
    </article>
  );
}

/** The answers, and apart from them the refusals: they have one shape, which the page explains once. */
function answersOf(responses: Responses) {
  const all = Object.entries(responses);
  const isRefusal = ([, { content }]: (typeof all)[number]) => Object.hasOwn(content ?? {}, "application/problem+json");
  return {
    answers: all.filter((each) => !isRefusal(each)),
    refusals: all.filter(isRefusal).map(([status, { description }]) => [status, description ?? ""] as const),
  };
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
