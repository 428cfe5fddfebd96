/** What the answers of `replay` are compared with: another policy, or a running webhook. */
import type { AdmissionRequest } from '../admission/review.ts';
import type { JsonObject } from '../core/json.ts';
import type { Policy } from '../core/policy.ts';
import { compareAnswers, compareWithRemote, replayRequest, type Difference, type ReplayResult } from './replay.ts';
import type { WebhookClient } from './webhook-client.ts';

export interface ComparedReview {
  /** The answer made here. */
  readonly result: ReplayResult;
  readonly request: AdmissionRequest;
  /** What the request was read from. */
  readonly review: JsonObject;
  readonly nowMs: number;
}

export interface AnswerComparison {
  /** @throws {WebhookCallError} */
  differences(compared: ComparedReview): Promise<readonly Difference[]>;
  close(): void;
}

export class PolicyComparison implements AnswerComparison {
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  differences({ result, request, nowMs }: ComparedReview): Promise<readonly Difference[]> {
    return Promise.resolve(compareAnswers(result, replayRequest(result.source, request, this.#policy, nowMs)));
  }

  close(): void {
    // A policy holds nothing open.
  }
}

export class WebhookComparison implements AnswerComparison {
  readonly #client: WebhookClient;

  constructor(client: WebhookClient) {
    this.#client = client;
  }

  async differences({ result, review }: ComparedReview): Promise<readonly Difference[]> {
    return compareWithRemote(result, await this.#client.admit(review));
  }

  close(): void {
    this.#client.close();
  }
}
