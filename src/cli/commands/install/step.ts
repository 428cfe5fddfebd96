/** What an installation does to each of its objects. */
import type { JsonObject } from '../../../core/json.ts';
import type { PlacedObject } from '../../../kube/client/discovery.ts';
import type { PlannedAction } from '../../../kube/commands/apply.ts';

/** An object of the installation, with what the cluster has in its place. */
export interface Step extends PlacedObject {
  readonly live: JsonObject | undefined;
}

export interface PlannedStep extends Step {
  readonly title: string;
  readonly action: PlannedAction;
}
