/** Stands for the number of a shell itself, `$$`, among the words of its script: no argument of a program can hold the first character. */
export const OWN_NUMBER = '\0$$';
