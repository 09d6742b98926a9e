/** RFC 9457 problem details, as the app API answers a refusal. */
export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  /** The refusal's code, from the API's closed set; `http_<status>` when the answer was no problem document. */
  readonly code: string;
  /** The field that it is about, when it is about one. */
  readonly field: string | null;

  constructor(status: number, code: string, title: string, field: string | null) {
    super(`${status} ${code}: ${title}`);
    this.status = status;
    this.code = code;
    this.field = field;
  }
}

/** The problem that an answer other than 2xx carries. */
export async function problemOf(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  const document: unknown = await response.json().catch(() => null);
  if (typeof document !== "object" || document === null) return new Problem(status, `http_${status}`, statusText, null);
  const { code, title, field, error } = document as Record<string, unknown>;
  return new Problem(
    status,
    text(code) ?? text(error) ?? `http_${status}`,
    text(title) ?? statusText,
    text(field) ?? null,
  );
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
