import type { Subscriber } from '../../protocol/conversation-port.ts'
import { eventsBy, type PlantedBug } from './planted-bug.ts'

/** Events reach whoever attached last, of whatever conversation: a subscriber kept in the wrong place. */
export const crossedSubscribers: PlantedBug = {
  name: 'crossed-subscribers',
  sentence: 'Events of one conversation are delivered as those of another.',
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
