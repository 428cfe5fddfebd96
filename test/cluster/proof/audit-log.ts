/** The API server's audit log, where it lies beside the kubeconfig or where PODGRACE_TEST_AUDIT_LOG says. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { eventually } from '../cluster.ts';

export interface AuditEvent {
  readonly verb: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly impersonatedUser?: { readonly username: string };
  readonly responseStatus?: { readonly code: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

export class AuditLog {
  readonly #path: string;
  readonly #namespace: string;
  readonly #events: AuditEvent[] = [];
  #file: number;
  /** Where to read on in the file. */
  #position: number;
  /** A line that is not complete yet. */
  #rest = '';

  private constructor(path: string, namespace: string) {
    this.#path = path;
    this.#namespace = namespace;
    this.#file = openSync(path, 'r');
    this.#position = fstatSync(this.#file).size;
  }

  /**
   * What is logged from now on about one namespace.
   *
   * @returns why there is none, where there is none
   */
  static open(t: Test, namespace: string): AuditLog | string {
    const path = process.env['PODGRACE_TEST_AUDIT_LOG'] ?? join(dirname(process.env['KUBECONFIG'] ?? ''), 'audit.log');
    if (!existsSync(path)) return `no audit log at ${path} (PODGRACE_TEST_AUDIT_LOG)`;
    const log = new AuditLog(path, namespace);
    t.teardown(() => {
      closeSync(log.#file);
    });
    return log;
  }

  /** The first event that is so; events come after the answers that they tell of. */
  async until(what: string, holds: (event: AuditEvent) => boolean): Promise<AuditEvent> {
    let found: AuditEvent | undefined;
    await eventually(`in the audit log: ${what}`, () => {
      this.#readOn();
      found = this.#events.find(holds);
      return found !== undefined;
    });
    if (found === undefined) throw new Error('nothing was found, and yet it has come about');
    return found;
  }

  #readOn(): void {
    // The API server renames a log of 100 MB and starts a new one; what it wrote last is still in the old one.
    const isRotated = existsSync(this.#path) && statSync(this.#path).ino !== fstatSync(this.#file).ino;
    this.#readToEnd();
    if (!isRotated) return;
    closeSync(this.#file);
    this.#file = openSync(this.#path, 'r');
    this.#position = 0;
    this.#readToEnd();
  }

  #readToEnd(): void {
    const chunk = Buffer.alloc(fstatSync(this.#file).size - this.#position);
    this.#position += readSync(this.#file, chunk, 0, chunk.length, this.#position);
    const lines = (this.#rest + chunk.toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes(this.#namespace)) continue;
      const event = JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as AuditEvent;
      if (event.objectRef?.namespace === this.#namespace) this.#events.push(event);
    }
  }
}
