/**
 * Stands for the number of a process in the background where it is the last of a pipe, and others of that run for long: who tells that one
 * tells none of them. No text of a script has it.
 */
export const PIPED_JOB = '\0piped';
