/** The JSON Schema of what could not be read of the input. */
import { exact, list, nullable, string } from './json-schema.ts';

export const inputErrors = list(exact({ file: string, document: nullable('integer'), line: nullable('integer'), message: string }));
