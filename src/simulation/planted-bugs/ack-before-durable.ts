import type { PlantedBug } from './planted-bug.ts'

const WRITE_BEHIND_MS_MAX = 40
const LOST_SHARE = 0.05

/**
 * The store answers first and writes afterwards, as a cache that writes behind does; now and then it never writes.
 * Whoever is acknowledged (LO1) and whoever is shown the event (LO6) may look before it is in the log.
 */
export const ackBeforeDurable: PlantedBug = {
  name: 'ack-before-durable',
  sentence: 'The store answers before it has written.',
  breaks: ['LO1', 'LO6'],
  wrapStore(store, world) {
    const { ledger, timeline } = world
    const random = world.random.fork('ack-before-durable')
    return {
      ...store,
      async append(slices) {
        const fits = slices.every(
          ({ conversation, epoch, expectSeq }) =>
            ledger.epoch(conversation) === epoch && ledger.headSeq(conversation) === expectSeq,
        )
        if (!fits) return store.append(slices)
        if (!random.chance(LOST_SHARE))
          timeline.at(timeline.now() + WRITE_BEHIND_MS_MAX * random.fraction(), () => void store.append(slices))
        return slices.map(({ expectSeq, events }) => ({ kind: 'ok', seq: expectSeq + events.length }))
      },
    }
  },
}
