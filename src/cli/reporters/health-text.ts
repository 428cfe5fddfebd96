/** The problems of an installation as sentences, with the commands that mend them. */
import type { HealthProblem } from '../../kube/commands/health.ts';

/** One sentence about a problem. */
export function healthProblemText(problem: HealthProblem): string {
  switch (problem.of) {
    case 'server-missing':
      return 'the server is not installed: `podgrace install`';
    case 'configuration-missing':
      return `there is no ${problem.kind} ${problem.name}: nothing is sent to podgrace for it; \`podgrace install\` makes it`;
    case 'open':
      return `open since ${problem.since} by \`podgrace failopen\`: \`podgrace failclosed\` closes again`;
    case 'other':
      return problem.text;
  }
}
