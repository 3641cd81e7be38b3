import assert from 'node:assert/strict'
import test from 'node:test'
import { cutInReply, cutInRequest, REPLY_PLACES, type ReplyPlace } from './append-cut-decision.ts'

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

test('[CA23] a request to append is cut in its middle, the first one of a session and later ones; others pass', () => {
  const bind = message('B', '\0append\0and all its values')
  assert.equal(cutInRequest(bind), Math.floor(bind.length / 2))
  const parse = Buffer.concat([message('P', 'append-guarded\0WITH slice AS'), bind])
  assert.equal(cutInRequest(parse), Math.floor(parse.length / 2))
  for (const other of [message('B', '\0claim\0'), message('B', 'append\0'), message('Q', 'append'), Buffer.alloc(0)])
    assert.equal(cutInRequest(other), undefined)
})
