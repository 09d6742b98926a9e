/**
 * Takes a `jti` once. The row is written before anything else happens, and one insert wins.
 * @param id a digest that names the issuer too
 * @param expires milliseconds since the epoch; after it the message is refused as stale anyway
 */
export async function takeOnce(database: D1Database, id: string, expires: number): Promise<boolean> {
  const taken = await database
    .prepare("INSERT INTO used_jti (id, expires) VALUES (?, ?) ON CONFLICT DO NOTHING")
    .bind(id, expires)
    .run();
  return taken.meta.changes === 1;
}
