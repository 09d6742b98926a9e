import { unreachable } from "../result.ts";

/** The part of a Durable Object namespace that the platform uses; `T` is the object's typed RPC. */
export interface ObjectNamespace<T> {
  getByName(name: string): T;
  jurisdiction(cell: string): ObjectNamespace<T>;
}

/**
 * The one place that decides where an object lives (docs/architecture.md, Cells): pinned to the cell when
 * deployed, plain only when the configuration says `local` (workerd can't pin), an error in every other case.
 * @throws Error when `jurisdiction` is neither the cell's own nor `local`.
 */
export function stubOf<T>(
  namespace: ObjectNamespace<T>,
  name: string,
  where: { readonly CELL: string; readonly JURISDICTION: string },
): T {
  switch (where.JURISDICTION as "us" | "eu" | "local") {
    case "us":
    case "eu":
      if (where.JURISDICTION !== where.CELL)
        throw new Error(`JURISDICTION ${where.JURISDICTION} is not cell ${where.CELL}`);
      return namespace.jurisdiction(where.JURISDICTION).getByName(name);
    case "local":
      return namespace.getByName(name);
    default:
      return unreachable(where.JURISDICTION as never);
  }
}
