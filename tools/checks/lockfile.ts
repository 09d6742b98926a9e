/**
 * Addresses in a lock file: they would name the registry of whoever made it, and send everybody else there.
 * Versions and hashes stay.
 */
export function lockfileProblems(text: string): string[] {
  const { packages = {} } = JSON.parse(text) as { packages?: Record<string, { resolved?: string; link?: boolean }> };
  return Object.entries(packages)
    .filter(([, { resolved, link }]) => resolved !== undefined && link !== true)
    .map(([name]) => `package-lock.json: ${name} has a resolved address`);
}
