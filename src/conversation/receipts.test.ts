import assert from 'node:assert/strict'
import test from 'node:test'
import { NO_RECEIPTS, withReceipt } from './receipts.ts'
import { CAST, rehearse } from './rehearsal.ts'

test('a receipt is a watermark: it rises, within the log, for those who are here [CO13]', () => {
  const story = rehearse()
  story.submit({ sender: CAST.ann, key: 'open', command: { type: 'open', mode: 'live' } })
  const first = withReceipt(NO_RECEIPTS, story.state, 'ann', 1)
  assert.deepEqual([...first], [['ann', 1]])
  const second = withReceipt(first, story.state, 'ann', 2)
  assert.deepEqual([...second], [['ann', 2]])
  const nothingNew: readonly (readonly [string, number])[] = [
    ['ann', 1],
    ['ann', 2],
    ['ann', 3],
    ['bob', 1],
  ]
  for (const [from, seq] of nothingNew) assert.equal(withReceipt(second, story.state, from, seq), second)
})
