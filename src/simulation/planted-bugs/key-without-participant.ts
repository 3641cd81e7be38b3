import type { SubmitReply } from '../../protocol/conversation-port.ts'
import { boundPort, type PlantedBug } from './planted-bug.ts'

/** An edge answers a key that it knows at once, and forgets whose key it was. */
export const keyWithoutParticipant: PlantedBug = {
  name: 'key-without-participant',
  sentence: 'Two people who use the same key get the same answer.',
  breaks: ['LO1'],
  wrapConversations(port) {
    const known = new Map<string, SubmitReply>()
    return {
      ...boundPort(port),
      async submit(conversation, submission) {
        const name = `${conversation}/${submission.key}`
        const before = known.get(name)
        if (before) return before
        const reply = await port.submit(conversation, submission)
        // Everybody opens with the same key; what is in question here is what people say.
        if (reply.kind === 'ack' && submission.command.type !== 'open') known.set(name, reply)
        return reply
      },
    }
  },
}
