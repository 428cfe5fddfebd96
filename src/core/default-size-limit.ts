/** The size limit that an emptyDir gets where its author set none. */
import { largestDiskSettingOf, type DiskSetting } from './disk-setting.ts';
import { heldByPod, heldByWriter, isAboveBound, type LimitOf } from './memory-scope.ts';
import { oncePer } from './once-per.ts';
import { isPlausible } from './plausible-amount.ts';
import type { PodFacts } from './pod-facts.ts';
import type { Container } from './pod.ts';
import { compareQuantities, minQuantity, type Quantity } from './quantity.ts';
import { readAmount } from './resources.ts';
import type { RuleContext } from './rule.ts';
import type { VolumeUse } from './volume-use.ts';

export interface SizeLimits {
  /** Whether volumes for small files must have a limit, too. */
  readonly smallFiles: boolean;
  readonly defaults: { readonly disk: string; readonly memory?: string };
  readonly max: { readonly disk: string; readonly memory: string };
}

/** The policy's default, within what the Pod may keep on disk at all; undefined where that is next to nothing. */
function diskDefault({ diskBound }: PodFacts, { defaults, max }: SizeLimits): Quantity | undefined {
  const wanted = minQuantity(readAmount(defaults.disk), readAmount(max.disk));
  return orNothing(diskBound === undefined ? wanted : minQuantity(wanted, diskBound), 'ephemeral-storage');
}

/** What a repair sets for a volume on disk. */
export interface DiskRepair {
  readonly sizeLimit?: Quantity | undefined;
  /** What lets a container keep more than the policy's default. */
  readonly setting?: DiskSetting;
}

/** The policy's default, unless a program may keep more: a limit below that evicts the Pod that ran before. */
export function diskRepair({ writers }: VolumeUse, context: RuleContext<SizeLimits>): DiskRepair {
  const { facts, options } = context;
  const sizeLimit = diskDefault(facts, options);
  const { diskBound } = facts;
  // Where the Pod may keep no more at all, the limit takes nothing away.
  if (sizeLimit === undefined || (diskBound !== undefined && compareQuantities(diskBound, sizeLimit) <= 0)) return { sizeLimit };
  const known = settingsByContainer(context);
  for (const writer of context.each(writers)) {
    if (!known.has(writer)) known.set(writer, largestDiskSettingOf(writer, context));
    const setting = known.get(writer);
    if (setting !== undefined && compareQuantities(setting.bytes, sizeLimit) > 0) return { setting };
  }
  return { sizeLimit };
}

/** Each is read once, for however many volumes. */
const settingsByContainer = oncePer((_context: RuleContext<SizeLimits>) => new Map<Container, DiskSetting | undefined>());

/**
 * The size limits of volumes in memory that have none, by their use. None where the volumes of a container, or of the Pod, would
 * then hold more together than their writers may use.
 */
export function memoryDefaults(facts: PodFacts, limits: SizeLimits): ReadonlyMap<VolumeUse, Quantity> {
  const found = new Map<VolumeUse, Quantity>();
  const { alone, ofPod } = facts.memoryScopes;
  if (ofPod === undefined) return found;
  for (const { use, sizeLimit } of ofPod.volumes) {
    const fitting = sizeLimit === undefined && !isLeftAloneInMemory(use, facts, limits) ? memoryDefault(use, facts, limits) : undefined;
    if (fitting !== undefined) found.set(use, fitting);
  }
  if (found.size === 0 || ofPod.volumes.length === 1) return found;
  const limitOf: LimitOf = ({ use, sizeLimit }) => sizeLimit ?? found.get(use);
  for (const { volumes, bound } of alone.values())
    if (volumes.length > 1 && isAboveBound(heldByWriter({ volumes, bound }, limitOf), bound))
      for (const { use } of volumes) found.delete(use);
  return isAboveBound(heldByPod(facts.memoryScopes, limitOf), ofPod.bound) ? new Map() : found;
}

/**
 * Whether a volume in memory needs no limit of its own. Small files never come near the memory of their writers. `/dev/shm` is mounted to
 * escape the runtime's 64Mi: there, the memory limits of the writers are bound enough.
 */
export function isLeftAloneInMemory(use: VolumeUse, facts: PodFacts, limits: Pick<SizeLimits, 'smallFiles'>): boolean {
  return isLeftAlone(use, limits) || (use.isSharedMemory && facts.memoryBoundOf(use) !== undefined);
}

/** What it holds takes no room worth a limit. */
export function isLeftAlone({ holdsSmallFiles }: VolumeUse, { smallFiles }: Pick<SizeLimits, 'smallFiles'>): boolean {
  return holdsSmallFiles && !smallFiles;
}

/** Whether a limit follows from the memory limits of those who write: not from a mistaken one (rule sane-quantities). */
export function isMistakenBound(bound: Quantity): boolean {
  return orNothing(bound, 'memory') === undefined;
}

/** What the volume can hold anyway; less would take memory away that its writers have. A policy can say otherwise. */
function memoryDefault(use: VolumeUse, facts: PodFacts, { defaults }: SizeLimits): Quantity | undefined {
  const bound = facts.memoryBoundOf(use);
  const wanted = defaults.memory === undefined || use.isSharedMemory ? undefined : readAmount(defaults.memory);
  if (wanted === undefined) return orNothing(bound, 'memory');
  return orNothing(bound === undefined ? wanted : minQuantity(wanted, bound), 'memory');
}

/** A limit of 0 would be none. */
function orNothing(sizeLimit: Quantity | undefined, resource: 'memory' | 'ephemeral-storage'): Quantity | undefined {
  return sizeLimit !== undefined && sizeLimit.nano > 0n && isPlausible(sizeLimit, resource) ? sizeLimit : undefined;
}
