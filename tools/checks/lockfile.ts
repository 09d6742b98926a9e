interface Entry {
  readonly version?: string;
  readonly resolved?: string;
  readonly link?: boolean;
  readonly integrity?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Packages = Readonly<Record<string, Entry>>;

/**
 * What would make `npm ci` fail, or differ, on another machine (decision 0007). Addresses would name the registry of
 * whoever made the file and send everybody else there; an optional package of another platform that is not listed
 * makes npm call the file out of date.
 */
export function lockfileProblems(text: string): string[] {
  const { packages = {} } = JSON.parse(text) as { packages?: Packages };
  return Object.entries(packages)
    .flatMap(([path, entry]) => [...entryProblems(path, entry), ...missingOptional(path, entry, packages)])
    .map((problem) => `package-lock.json: ${problem}`);
}

function entryProblems(path: string, { resolved, link, integrity, os, cpu }: Entry): string[] {
  if (path === "" || link === true) return [];
  const problems: string[] = [];
  if (resolved !== undefined) problems.push(`${path} has a resolved address`);
  // Listed by hand for other platforms; without the platform, npm would want it on this one too.
  if (integrity === undefined && os === undefined && cpu === undefined)
    problems.push(`${path} has neither a hash nor the platforms that it is for`);
  return problems;
}

function missingOptional(path: string, { optionalDependencies = {} }: Entry, packages: Packages): string[] {
  return Object.entries(optionalDependencies).flatMap(([name, wanted]) => {
    const found = lookUp(path, name, packages);
    if (found === undefined) return [`${path} may need ${name}, which is not listed`];
    // Ranges are npm's business; native packages are asked for by exact version.
    const exact = /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(wanted);
    return exact && found.version !== wanted ? [`${path} may need ${name} ${wanted}; ${found.version} is listed`] : [];
  });
}

/** As Node finds a package: in the folder's own node_modules, then in each one above. */
function lookUp(from: string, name: string, packages: Packages): Entry | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf("node_modules/") - 1))) {
    const entry = packages[folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`];
    if (entry !== undefined || folder === "") return entry;
  }
}
