import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ManualClock } from '../base/manual-clock.ts'
import { refuse } from '../base/refusals.ts'
import type { Moved, SubmitReply } from '../protocol/conversation-port.ts'
import { ErrandQueue } from './errand-queue.ts'
import type { OwnerAccess } from './owner-access.ts'
import { stagedSubmission } from './relay-stage.ts'

type Answer = (reply: SubmitReply | Moved) => Promise<void>

/** A queue whose owner answers when, and as, the test has it. */
function queueOf(errandsMax = 10) {
  const clock = new ManualClock()
  const moves: Moved[] = []
  const sent: string[] = []
  const answers: Answer[] = []
  const replies: string[] = []
  const queue = new ErrandQueue({
    clock,
    patienceMs: 1000,
    errandsMax,
    settled: () => {},
    moved: (moved) => void moves.push(moved),
  })
  const submit = (n: number, sender = 'v') => {
    const submission = stagedSubmission(n, sender)
    void queue
      .submit(submission, () => {
        sent.push(submission.key)
        return new Promise((resolve) => {
          answers.push(async (reply) => {
            resolve(reply)
            await clock.advance(0)
          })
        })
      })
      .then((reply) => replies.push(`${submission.key} ${reply.kind === 'ack' ? reply.seq : reply.code}`))
  }
  const answer = async (index: number, reply: SubmitReply | Moved) => answers[index]?.(reply)
  return { clock, queue, submit, answer, moves, sent, replies }
}

const OWNER = {} as OwnerAccess
const ack = (seq: number): SubmitReply => ({ kind: 'ack', seq })

test('Everything goes out at once while somebody is taken for the owner [CL24]', async () => {
  const { queue, submit, sent } = queueOf()
  submit(1)
  assert.deepEqual(sent, [])
  queue.route(OWNER)
  submit(2)
  assert.deepEqual(sent, ['v-1', 'v-2'])
})

test('A new owner gets all that is unsettled, in the order in which it came [CL24]', async () => {
  const { queue, submit, answer, sent, replies } = queueOf()
  queue.route(OWNER)
  for (const n of [1, 2, 3]) submit(n)
  await answer(1, ack(7))
  queue.route(undefined)
  queue.route(OWNER)
  submit(4)
  assert.deepEqual(sent, ['v-1', 'v-2', 'v-3', 'v-1', 'v-3', 'v-4'])
  assert.deepEqual(replies, ['v-2 7'])
})

test('A refusal of an earlier attempt says nothing, an acknowledgement says all [CL25]', async () => {
  const { queue, submit, answer, moves, replies } = queueOf()
  queue.route(OWNER)
  submit(1)
  submit(2)
  queue.route(OWNER)
  await answer(0, refuse('not-joined'))
  await answer(1, ack(9))
  assert.deepEqual(replies, ['v-2 9'])
  await answer(0, { kind: 'moved' })
  assert.deepEqual(moves, [])
})

test('A busy owner proves nothing about an attempt that was made before [CL25]', async () => {
  const { queue, submit, answer, replies } = queueOf()
  queue.route(OWNER)
  submit(1)
  queue.route(OWNER)
  submit(2)
  await answer(1, refuse('busy'))
  await answer(2, refuse('busy'))
  assert.deepEqual(replies, ['v-1 owner-unreachable', 'v-2 busy'])
})

test('Who overtook an earlier one that has to go again is sent again after it [CL24]', async () => {
  const { queue, submit, answer, sent, replies } = queueOf()
  queue.route(OWNER)
  for (const n of [1, 2, 3]) submit(n)
  await answer(1, refuse('out-of-order'))
  await answer(2, refuse('out-of-order'))
  submit(4)
  assert.deepEqual(sent, ['v-1', 'v-2', 'v-3'], 'all wait for the first')
  submit(1, 'w')
  await answer(0, ack(1))
  assert.deepEqual(sent.slice(3), ['w-1', 'v-2', 'v-3', 'v-4'])
  for (const [index, seq] of [
    [4, 2],
    [5, 3],
    [6, 4],
  ] as const)
    await answer(index, ack(seq))
  assert.deepEqual(replies, ['v-1 1', 'v-2 2', 'v-3 3', 'v-4 4'])
})

test('A sender that itself leaves one out is told so [CL24]', async () => {
  const { queue, submit, answer, replies } = queueOf()
  queue.route(OWNER)
  submit(2)
  await answer(0, refuse('out-of-order'))
  assert.deepEqual(replies, ['v-2 out-of-order'])
  // Also when the one before it was refused for good, once it was tried again.
  submit(3)
  submit(4)
  await answer(2, refuse('out-of-order'))
  await answer(1, refuse('bad-text'))
  await answer(3, refuse('out-of-order'))
  assert.deepEqual(replies.slice(1), ['v-3 bad-text', 'v-4 out-of-order'])
})

test('Patience ends for each in its time, and the number of errands is bounded [CL28]', async () => {
  const { clock, queue, submit, replies } = queueOf(2)
  queue.route(OWNER)
  submit(1)
  await clock.advance(600)
  submit(2)
  submit(3)
  await clock.advance(0)
  assert.deepEqual(replies, ['v-3 busy'])
  await clock.advance(400)
  assert.deepEqual(replies.slice(1), ['v-1 owner-unreachable'])
  await clock.advance(600)
  assert.deepEqual(replies.slice(2), ['v-2 owner-unreachable'])
  assert.equal(queue.size, 0)
  assert.equal(clock.pending, 0)
})
