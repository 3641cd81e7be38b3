import { boundPort, type PlantedBug } from './planted-bug.ts'

/**
 * A retry is acknowledged where the log ends and not where its command is. The place that a retry is given is another
 * command's (LO1), and not the first one (LO3) where the first answer arrived.
 */
export const retryAtHead: PlantedBug = {
  name: 'retry-at-head',
  sentence: 'A retry is acknowledged at the seq of a later event.',
  breaks: ['LO1', 'LO3'],
  wrapConversations(port) {
    const heads = new Map<string, number>()
    return {
      ...boundPort(port),
      async submit(conversation, submission) {
        const reply = await port.submit(conversation, submission)
        if (reply.kind !== 'ack') return reply
        const seq = Math.max(reply.seq, heads.get(conversation) ?? 0)
        heads.set(conversation, seq)
        return { kind: 'ack', seq }
      },
    }
  },
}
