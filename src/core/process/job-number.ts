/** What is known of the number of a process that a script has started with `&`: it is the value of `$!`, and of variables that hold that. */
import { bodiesOf, literalOf, type Command, type Script, type Statement } from './shell-syntax.ts';
import type { StepBudget } from './step-budget.ts';

/** Stands before what is known; no text of a script has it. */
const JOB = '\0job:';

/** Stands behind the seconds of a job that leads a group of processes, or may do so. */
const LEADS = { certainly: ' leads', maybe: ' may lead' } as const;

/** Whether `kill -TERM -$!` finds a group of that number; undefined where there is none. */
export type Leading = keyof typeof LEADS | undefined;

/** @param seconds that it runs for */
export function jobNumber(seconds: number, leading?: Leading): string {
  return `${JOB}${seconds}${leading === undefined ? '' : LEADS[leading]}`;
}

export function isJobNumber(value: string): boolean {
  return value.startsWith(JOB);
}

/** @param number as `jobNumber` makes it */
export function secondsIn(number: string): number {
  return Number.parseFloat(number.slice(JOB.length));
}

/** @param number as `jobNumber` makes it */
export function leadingIn(number: string): Leading {
  if (number.endsWith(LEADS.certainly)) return 'certainly';
  return number.endsWith(LEADS.maybe) ? 'maybe' : undefined;
}

/** What makes a process the leader of a group, by itself or in the code of an interpreter. */
const MAKES_LEADER = /setsid|setpgrp|setpgid/;

/** Whether a job may make itself the leader of a group: `setsid app &`, `(exec setsid app) &`. */
export function mayLead({ first, rest }: Statement, budget: StepBudget): boolean {
  return [first, ...rest.map(({ pipeline }) => pipeline)].some(({ commands }) =>
    commands.some((command) => mayMakeLeader(command, budget)),
  );
}

function mayMakeLeader(command: Command, budget: StepBudget): boolean {
  budget.spend();
  if (command.kind !== 'simple')
    return bodiesOf(command).some((body) => statementsOf(body).some((statement) => mayLead(statement, budget)));
  budget.spendOnWords(command.words);
  return command.words.some((word) => MAKES_LEADER.test(literalOf(word) ?? ''));
}

function statementsOf({ lines }: Script): readonly Statement[] {
  return lines.flatMap(({ statements }) => statements);
}
