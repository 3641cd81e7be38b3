import type { OutboxItem } from '../../store/log-store.ts'
import type { Checker } from '../observation.ts'

/**
 * OB1: only what was committed leaves the outbox, in the order of its lane, under the same id with the same content each
 * time; and what was written down as done is never taken again. Whoever is called drops what it had by id, so the order
 * is that of the first arrivals.
 */
export function outboxInOrder(): Checker {
  const committed = new Map<string, OutboxItem>()
  /** Of each lane: ids in order, and how many of them have arrived. */
  const lanes = new Map<string, { readonly ids: string[]; arrived: number }>()
  const arrived = new Set<string>()
  const settled = new Set<string>()
  return {
    rule: 'OB1',
    see(observation) {
      if (observation.kind === 'stored')
        for (const item of observation.slice.outbox ?? []) {
          committed.set(item.id, item)
          const lane = lanes.get(item.lane) ?? { ids: [], arrived: 0 }
          lane.ids.push(item.id)
          lanes.set(item.lane, lane)
        }
      if (observation.kind === 'outbox-settled') settled.add(observation.id)
      if (observation.kind === 'outbox-taken' && settled.has(observation.id))
        return `${observation.id} was taken again after it had been settled.`
      if (observation.kind !== 'effect') return undefined
      const { id, lane, body } = observation
      const item = committed.get(id)
      if (!item) return `${id} left the outbox and was never committed.`
      if (item.lane !== lane || item.body !== body) return `${id} left the outbox with another content.`
      if (arrived.has(id)) return undefined
      arrived.add(id)
      const order = lanes.get(lane)
      const expected = order?.ids[order.arrived++]
      return expected === id ? undefined : `${id} arrived before ${expected} of the same lane.`
    },
  }
}
