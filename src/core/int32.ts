/** The largest number that fields of the API hold which count something. Some of them mean by it that there is no limit. */
export const LARGEST_INT32 = 2 ** 31 - 1;
