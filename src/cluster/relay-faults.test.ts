import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { SubmitReply } from '../protocol/conversation-port.ts'
import { RelayStage, StagedSubscriber, seqsFrom, stagedRecord, stagedSubmission } from './relay-stage.ts'

const CONVERSATION = '0000000000001'

/** One thing that happens, and the milliseconds after it. */
const STEP = fc.tuple(
  fc.constantFrom(
    'submit',
    'submit',
    'submit',
    'claim',
    'claim quietly',
    'cut',
    'suspect',
    'zombie',
    'join',
    'slow',
    'event',
  ),
  fc.nat(3),
  fc.nat(40),
)

test('Whatever happens to links and owners, nothing is lost, doubled, reordered or made up [CL22] [CL23] [CL24]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(STEP, { minLength: 5, maxLength: 40 }), async (steps) => {
      const stage = new RelayStage()
      const { clock } = stage
      const chats = [stage.node('a'), stage.node('b'), stage.node('c')] as const
      const edges = [stage.node('e', { edgeOnly: true }), stage.node('f', { edgeOnly: true }), chats[0]] as const
      const log = stage.conversation(CONVERSATION, chats[0], 3)
      const pick = <Item>(items: readonly Item[], which: number): Item => items[which % items.length] as Item
      const replies = new Map<string, SubmitReply>()
      const sent = new Map<string, number>()
      const subscribers: { after: number; subscriber: StagedSubscriber }[] = []
      const join = (which: number) => {
        const subscriber = new StagedSubscriber()
        const after = which % 2 === 0 ? 0 : log.records.length
        pick(edges, which).edge.attach(CONVERSATION, after, subscriber)
        subscribers.push({ after, subscriber })
      }
      join(0)
      join(1)
      const submit = (which: number) => {
        const sender = `v${which % 3}`
        const n = (sent.get(sender) ?? 0) + 1
        sent.set(sender, n)
        const submission = stagedSubmission(n, sender)
        void pick(edges, which % 3)
          .edge.submit(CONVERSATION, submission)
          .then((reply) => replies.set(submission.key, reply))
      }
      for (const [what, which, waitMs] of steps) {
        const [chat, edge] = [pick(chats, which), pick(edges, which)]
        if (what === 'submit') submit(which)
        else if (what === 'join') join(which)
        else if (what === 'event') chats.find(({ self }) => self.incarnation === log.owner)?.owner.happen(CONVERSATION)
        else if (what === 'claim') stage.claim(CONVERSATION, chat)
        else if (what === 'claim quietly') stage.claim(CONVERSATION, chat, false)
        else if (what === 'suspect' && edge !== chat) {
          edge.peers.down(chat.self, 'silent', false)
          clock.after(waitMs, () => edge.peers.trust(chat.self))
        } else if (what === 'slow') chat.owner.delayMs = waitMs
        else if (what === 'zombie' && chat.self.incarnation !== log.owner)
          // Of an epoch that every edge has seen to be over.
          chat.owner.publish(CONVERSATION, 0, [stagedRecord(log.records.length + 1, 1, 'made up')])
        else if (what === 'cut' && edge !== chat) {
          stage.cut(edge, chat)
          clock.after(waitMs, () => stage.connect(edge, chat))
        }
        await clock.advance(waitMs)
      }
      for (const { owner } of chats) owner.delayMs = 0
      stage.claim(CONVERSATION, pick(chats, steps.length))
      await clock.advance(5000)
      // Every one acknowledged, once, in the order of its sender.
      const texts = log.records.map(({ json }) => JSON.parse(json).text as string)
      for (const [sender, n] of sent) {
        const keys = seqsFrom(1, n).map((each) => `${sender}-${each}`)
        assert.deepEqual(
          texts.filter((text) => text.startsWith(`${sender}-`)),
          keys,
        )
        for (const key of keys) assert.deepEqual(replies.get(key), { kind: 'ack', seq: texts.indexOf(key) + 1 })
      }
      for (const { after, subscriber } of subscribers) {
        const got = subscriber.lines.filter((line) => line.startsWith('event'))
        assert.deepEqual(
          got,
          log.records.slice(after).map(({ json }) => `event ${json}`),
        )
      }
    }),
    { numRuns: 60 },
  )
})
