import assert from 'node:assert/strict'
import test from 'node:test'
import { cutInReply, REPLY_PLACES, type ReplyPlace } from './append-reply-decision.ts'

/** A message of PostgreSQL: its type, its length, what is in it. */
function message(type: string, body = ''): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(4 + body.length)
  return Buffer.concat([Buffer.from(type), length, Buffer.from(body, 'latin1')])
}
const ready = message('Z', 'I')
const append = [message('2'), message('n'), message('C', 'INSERT 0 3\0'), ready]
const read = [message('2'), message('T', 'rows'), message('D', 'one row'), message('C', 'SELECT 1\0'), ready]
const cuts = (chunk: Uint8Array) =>
  Object.fromEntries(Object.keys(REPLY_PLACES).map((place) => [place, cutInReply(chunk, place as ReplyPlace)]))

test('[CA23] the reply to an append is cut before it, behind a byte, in CommandComplete and before ReadyForQuery', () => {
  assert.deepEqual(cuts(Buffer.concat(append)), { nothing: 0, first: 1, command: 10 + 5 + 3, ready: 10 + 16 })
  const before = Buffer.concat(read).length
  const second = cuts(Buffer.concat([...read, ...append]))
  assert.deepEqual(second, { nothing: before, first: before + 1, command: before + 18, ready: before + 26 })
})

test('[CA23] replies to anything else, appends of nothing, and pieces of messages pass', () => {
  const nothing = { nothing: undefined, first: undefined, command: undefined, ready: undefined }
  const whole = Buffer.concat(append)
  const chunks = [
    Buffer.concat(read),
    Buffer.concat([message('2'), message('C', 'INSERT 0 0\0'), ready]),
    Buffer.concat([message('E', 'INSERT 0 3\0'), ready]),
    Buffer.concat([message('C', 'INSERT 0 3\0')]),
    whole.subarray(1),
    whole.subarray(0, whole.length - 1),
    Buffer.alloc(0),
    Buffer.from([0x43, 0, 0, 0, 3, 0, 0]),
  ]
  for (const chunk of chunks) assert.deepEqual(cuts(chunk), nothing, chunk.toString('latin1'))
})
