/** Which Node.js podgrace needs; written so that old ones can run it. */

/**
 * @param version of the Node.js that runs: `20.20.2`
 * @param range as `engines.node` of package.json has it: `>=22.19`
 * @returns a sentence for whoever started it; undefined where it may go on
 */
export function nodeProblem(version: string, range: string): string | undefined {
  const least = range.replace(/^>=/, '');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return undefined;
  return `podgrace needs Node.js ${least} or newer, but this is Node.js ${version}; to bring a newer one along: npx --package node@24 podgrace …`;
}
