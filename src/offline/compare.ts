/** What the answers of `replay` are compared with: another policy, or a running webhook. */
import type { AdmissionRequest } from '../admission/review.ts';
import { equalJson, type JsonObject } from '../core/json.ts';
import type { Policy } from '../core/policy.ts';
import { answerRequest, type ReplayAnswer } from './replayed-answer.ts';
import type { RemoteAnswer, WebhookClient } from './webhook-client.ts';

/** A part of two answers to one request that is not the same. */
export interface Difference {
  readonly of: 'validate.allowed' | 'validate.message' | 'validate.warnings' | 'validate.findings' | 'mutate.patch';
  /** By the policy that was replayed. */
  readonly here: unknown;
  /** By what it is compared with. */
  readonly there: unknown;
}

export interface ComparedReview {
  /** The answer made here. */
  readonly answer: ReplayAnswer;
  readonly request: AdmissionRequest;
  /** What the request was read from. */
  readonly review: JsonObject;
  readonly nowMs: number;
}

/** Asks somebody else about each request, and compares. */
export interface AnswerComparison {
  /** @throws {WebhookCallError} */
  differences(compared: ComparedReview): Promise<readonly Difference[]>;
  close(): void;
}

/** With what another policy decides (`replay --against`). */
export class PolicyComparison implements AnswerComparison {
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  differences({ answer, request, nowMs }: ComparedReview): Promise<readonly Difference[]> {
    return Promise.resolve(compareAnswers(answer, answerRequest('', request, this.#policy, nowMs).answer));
  }

  close(): void {
    // A policy holds nothing open.
  }
}

/** With what a running webhook answers to the same review (`replay --url`). */
export class WebhookComparison implements AnswerComparison {
  readonly #client: WebhookClient;

  constructor(client: WebhookClient) {
    this.#client = client;
  }

  async differences({ answer, review }: ComparedReview): Promise<readonly Difference[]> {
    return compareWithRemote(answer, await this.#client.admit(review));
  }

  close(): void {
    this.#client.close();
  }
}

/** The same request under another policy: decisions and patches that differ, and findings that come or go. */
function compareAnswers(here: ReplayAnswer, there: ReplayAnswer): Difference[] {
  return differencesOf([
    ['validate.allowed', here.validate.allowed, there.validate.allowed],
    ['validate.findings', findingKeys(here), findingKeys(there)],
    ['mutate.patch', here.mutate.patch, there.mutate.patch],
  ]);
}

function findingKeys({ validate, mutate }: ReplayAnswer): string[] {
  return [...validate.findings, ...mutate.findings].map(({ mode, rule, field }) => `${mode} ${rule} ${field}`);
}

function differencesOf(pairs: readonly (readonly [of: Difference['of'], here: unknown, there: unknown])[]): Difference[] {
  return pairs.filter(([, here, there]) => !equalJson(here, there)).map(([of, here, there]) => ({ of, here, there }));
}

function compareWithRemote({ validate, mutate }: ReplayAnswer, remote: RemoteAnswer): Difference[] {
  return differencesOf([
    ['validate.allowed', validate.allowed, remote.allowed],
    ['validate.message', validate.message, remote.message],
    ['validate.warnings', validate.warnings, remote.warnings],
    ['mutate.patch', mutate.patch, remote.patch],
  ]);
}
