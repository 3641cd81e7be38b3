import type { ParticipantId } from '../base/ids.ts'
import type { Origin } from './event.ts'

/**
 * The last number taken from each client instance, least recently heard first; the newest 64 stay. A page load is an
 * instance, so this grows with reloads and not with messages.
 */
export interface RecentInstances {
  readonly lastN: ReadonlyMap<string, number>
  /** No instance ever fell out: one that is not here never sent anything. */
  readonly complete: boolean
}

const INSTANCES_MAX = 64

export const NO_INSTANCES: RecentInstances = { lastN: new Map(), complete: true }

const nameOf = (sender: ParticipantId, instance: string) => `${sender}\u0000${instance}`

/** `undefined`: it fell out, or it never sent anything; `complete` tells which. */
export function lastNumberOf(instances: RecentInstances, sender: ParticipantId, instance: string): number | undefined {
  return instances.lastN.get(nameOf(sender, instance))
}

export function withNumber(instances: RecentInstances, sender: ParticipantId, origin: Origin): RecentInstances {
  const name = nameOf(sender, origin.instance)
  const lastN = new Map(instances.lastN)
  lastN.delete(name)
  lastN.set(name, origin.n)
  if (lastN.size <= INSTANCES_MAX) return { ...instances, lastN }
  for (const oldest of lastN.keys()) {
    lastN.delete(oldest)
    break
  }
  return { lastN, complete: false }
}

/** One row of a snapshot. */
export type InstanceRow = readonly [sender: ParticipantId, instance: string, n: number]

export function instanceRows(instances: RecentInstances): InstanceRow[] {
  return [...instances.lastN].map(([name, n]) => {
    const cut = name.indexOf('\u0000')
    return [name.slice(0, cut), name.slice(cut + 1), n] as const
  })
}

export function instancesFromRows(rows: readonly InstanceRow[], complete: boolean): RecentInstances {
  return { lastN: new Map(rows.map(([sender, instance, n]) => [nameOf(sender, instance), n])), complete }
}
