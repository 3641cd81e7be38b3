import assert from 'node:assert/strict'
import test from 'node:test'
import { CAST, rehearse } from './rehearsal.ts'
import { emptyState } from './state.ts'
import { headPatch, summaryJson } from './summary.ts'

const { ann, bob } = CAST

test('the head changes with who takes part and with the end, and not with each message [CO14]', () => {
  const story = rehearse()
  const step = (...submission: Parameters<typeof story.submit>) => {
    const before = story.state
    story.submit(...submission)
    return headPatch(before, story.state)
  }
  const opened = step({ sender: ann, key: 'o', command: { type: 'open', mode: 'live', subject: 'Shoes' } })
  assert.equal(opened?.status, 'open')
  assert.deepEqual(JSON.parse(opened?.summary ?? ''), {
    mode: 'live',
    subject: 'Shoes',
    participants: [{ id: 'ann', role: 'visitor', name: 'Ann' }],
  })
  const joined = step({ sender: bob, key: 'j', command: { type: 'join' } })
  assert.equal(joined?.status, undefined)
  assert.equal(JSON.parse(joined?.summary ?? '').agent, 'bob')
  assert.equal(step({ sender: ann, key: 'm', command: { type: 'message', format: 'text', text: 'secret' } }), undefined)
  const closed = step({ sender: bob, key: 'c', command: { type: 'close', reason: 'by-agent' } })
  assert.equal(closed?.status, 'closed')
  assert.ok(!closed?.summary?.includes('secret'))
})

test('a summary stays below 2 kB however many come with however long names [CO14]', () => {
  const participants = new Map(
    Array.from({ length: 200 }, (_, index) => [
      `${index}`.padStart(64, 'ü'),
      { role: 'agent' as const, name: '👩‍👩‍👧 "\n'.repeat(200), joinedSeq: index + 1 },
    ]),
  )
  const json = summaryJson({ ...emptyState, subject: '\u0001'.repeat(2_000), participants })
  assert.ok(Buffer.byteLength(json) <= 2_000)
  assert.ok(json.isWellFormed())
  const { participants: shown, more } = JSON.parse(json)
  assert.ok(shown.length >= 1)
  assert.equal(shown.length + more, 200)
})
