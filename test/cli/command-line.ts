/** The whole command line, in this process, with streams that remember what was written. */
import { Readable, Writable } from 'node:stream';
import { Ajv, type ValidateFunction } from 'ajv';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ExitCode } from '../../src/cli/exit-code.ts';
import type { CliEnvironment } from '../../src/cli/context.ts';
import { runCli } from '../../src/cli/run.ts';
import type { ServeSettings } from '../../src/config/serve-settings.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Surroundings {
  readonly stdin?: string | Buffer;
  readonly env?: NodeJS.ProcessEnv;
  /** The file that was started, `podgrace` unless given. */
  readonly program?: string;
  /** Whether standard output and standard error are one terminal. */
  readonly isTTY?: boolean;
}

export interface Ended {
  readonly code: ExitCode;
  readonly stdout: string;
  readonly stderr: string;
  /** What `serve` was called with. */
  readonly served: readonly ServeSettings[];
}

export async function podgrace(args: readonly string[], surroundings: Surroundings = {}): Promise<Ended> {
  const { stdin = '', env = {}, program = 'podgrace', isTTY = false } = surroundings;
  const stdout = new Remembering(isTTY);
  const stderr = new Remembering(isTTY);
  const served: ServeSettings[] = [];
  const environment: CliEnvironment = {
    env,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    serve: (settings) => {
      served.push(settings);
      return Promise.resolve();
    },
  };
  const code = await runCli(['node', program, ...args], environment);
  return { code, stdout: stdout.text, stderr: stderr.text, served };
}

class Remembering extends Writable {
  readonly isTTY: boolean;
  text = '';

  constructor(isTTY: boolean) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

const VALIDATORS = {
  check: schemaOf('check'),
  fix: schemaOf('fix'),
  replay: schemaOf('replay'),
  'dry-run': schemaOf('dry-run'),
  status: schemaOf('status'),
  explain: schemaOf('explain'),
};

/** What a command printed, as its published schema says it is; throws where it is not. */
export function parsedReport(name: keyof typeof VALIDATORS, text: string): unknown {
  const report: unknown = JSON.parse(text);
  const validate = VALIDATORS[name];
  if (!validate(report)) throw new Error(`${name} printed what its schema refuses: ${JSON.stringify(validate.errors?.slice(0, 5))}`);
  return report;
}

function schemaOf(name: string): ValidateFunction {
  const text = readFileSync(new URL(`../../schemas/${name}.schema.json`, import.meta.url), 'utf8');
  return new Ajv({ allowUnionTypes: true }).compile(JSON.parse(text) as object);
}

/** `/a/b` → `b` for a folder: golden text names no machine's folders. */
export function withoutFolder(text: string, folder: string): string {
  return text.replaceAll(`${folder}/`, '').replaceAll(folder, '.');
}
