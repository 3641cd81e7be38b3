import type { Subscriber } from '../../protocol/conversation-port.ts'
import { eventsBy, type PlantedBug } from './planted-bug.ts'

/**
 * Events reach whoever attached last, of whatever conversation: a subscriber kept in the wrong place. A page takes the
 * foreign event for one of its own conversation (LO6), or gets one that it may not see (AC1).
 */
export const crossedSubscribers: PlantedBug = {
  name: 'crossed-subscribers',
  sentence: 'Events of one conversation are delivered as those of another.',
  breaks: ['LO6', 'AC1'],
  wrapConversations(port) {
    const looking = new Map<Subscriber, string>()
    return eventsBy(port, (to, conversation, records) => {
      looking.delete(to)
      looking.set(to, conversation)
      const [other] = looking
      to.events(conversation, records)
      if (other && other[0] !== to) other[0].events(other[1], records)
    })
  },
}
