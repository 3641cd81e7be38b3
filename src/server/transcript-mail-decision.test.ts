import assert from 'node:assert/strict'
import test from 'node:test'
import { idFromBits } from '../base/ids.ts'
import type { Submission } from '../conversation/command.ts'
import { CAST, rehearse } from '../conversation/rehearsal.ts'
import { mailOrderIn } from '../ops/mail-order.ts'
import type { Step } from './posts.ts'
import { transcriptMails } from './transcript-mail-decision.ts'

const CONVERSATION = idFromBits(5n)
const { ann, eve, bob } = CAST

function stepsOf(submissions: readonly Submission[]): readonly Step[] {
  const rehearsal = rehearse()
  return submissions.map((submission) => {
    const before = rehearsal.state
    const reply = rehearsal.submit(submission)
    assert.equal(reply.kind, 'accepted')
    const events = reply.kind === 'accepted' ? reply.events : []
    return { conversation: CONVERSATION, before, after: rehearsal.state, events }
  })
}

test('[SV60] the step that ends a conversation owes each visitor who left an address one mail, other steps none', () => {
  const steps = stepsOf([
    { sender: ann, key: 'open', command: { type: 'open', mode: 'live', email: 'ann@example.com' } },
    { sender: eve, key: 'open', command: { type: 'open', mode: 'live', email: 'eve@example.com' } },
    { sender: bob, key: 'j', command: { type: 'join' } },
    { sender: ann, key: 'm', command: { type: 'message', format: 'text', text: 'Hello.' } },
    { sender: bob, key: 'c', command: { type: 'close', reason: 'by-agent' } },
    { sender: ann, key: 'r', command: { type: 'rate', score: 5 } },
  ])
  const owed = steps.map(transcriptMails)
  assert.deepEqual(
    owed.map(({ length }) => length),
    [0, 0, 0, 0, 2, 0],
  )
  const [first, second] = owed[4] ?? []
  assert.deepEqual([first?.lane, first?.kind, second?.lane], [CONVERSATION, 'mail', CONVERSATION])
  assert.notEqual(first?.id, second?.id)
  const order = mailOrderIn(first?.body ?? '')
  assert.deepEqual([order?.to, order?.facts.visitor], ['ann@example.com', ann.name])
  assert.equal(order?.transcript?.upTo, steps[4]?.after.headSeq)
})

test('[SV60] who left no address is sent nothing, and one address is sent one mail', () => {
  const none = stepsOf([
    { sender: ann, key: 'open', command: { type: 'open', mode: 'live' } },
    { sender: ann, key: 'c', command: { type: 'close', reason: 'by-visitor' } },
  ])
  assert.deepEqual(none.flatMap(transcriptMails), [])
  const both = stepsOf([
    { sender: ann, key: 'open', command: { type: 'open', mode: 'live', email: 'home@example.com' } },
    { sender: eve, key: 'open', command: { type: 'open', mode: 'live', email: 'home@example.com' } },
    { sender: ann, key: 'c', command: { type: 'close', reason: 'by-visitor' } },
  ])
  assert.equal(both.flatMap(transcriptMails).length, 1)
})
