/** How a Pod is deleted: what the API server says of the request besides the Pod itself. */
export interface Deletion {
  /**
   * What the Pod gets: what the request asks for, or else the Pod's own. The API server has filled it in, and makes it 0 for a Pod that
   * is on no node or has ended (`pkg/registry/core/pod/strategy.go`, `CheckGracefulDelete`; seen on 1.36.3).
   */
  readonly gracePeriodSeconds: number;
  /** Whether a person sends it, and no kubelet, controller or service account. */
  readonly isByPerson: boolean;
  /** Whether nothing is left to stop: the Pod has ended, or is on its way out with grace period 0 already. */
  readonly isOver: boolean;
}

/** Names the node of which somebody has made sure that nothing runs there any more. */
export const FENCED_NODE_ANNOTATION = 'podgrace.dev/fenced-node';

/**
 * The API groups of the controllers of Kubernetes. They adopt Pods without an owner that their selectors match, and name none of them
 * as its host. An operator's controller may do both.
 */
export const GROUPS_OF_CONTROLLERS: readonly string[] = ['', 'apps', 'batch'];
