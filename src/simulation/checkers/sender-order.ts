import type { ConversationId } from '../../base/ids.ts'
import type { Checker } from '../observation.ts'

/** LO5: the messages of one page load are in the log in the order in which the page sent them. */
export function senderOrder(): Checker {
  /** Place of each key among those that its page load sent to its conversation. */
  const places = new Map<string, { readonly queue: string; readonly place: number }>()
  const sent = new Map<string, number>()
  const stored = new Map<string, { readonly place: number; readonly key: string }>()
  const nameOf = (conversation: ConversationId, sender: string, key: string) => `${conversation}/${sender}/${key}`
  return {
    rule: 'LO5',
    see(observation) {
      if (observation.kind === 'sent') {
        const { conversation, page, key } = observation
        const queue = `${conversation}/${page.client}/${page.load}`
        const place = (sent.get(queue) ?? 0) + 1
        sent.set(queue, place)
        places.set(nameOf(conversation, page.participant, key), { queue, place })
      }
      if (observation.kind !== 'stored') return undefined
      for (const { sender, key } of observation.slice.events) {
        const placed = key === undefined ? undefined : places.get(nameOf(observation.slice.conversation, sender, key))
        if (!placed || key === undefined) continue
        const last = stored.get(placed.queue)
        if (last && last.place > placed.place)
          return `${placed.queue}: message ${placed.place} (${key}) was stored behind message ${last.place} (${last.key}).`
        stored.set(placed.queue, { place: placed.place, key })
      }
      return undefined
    },
  }
}
