import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { CLOSE_CODES, reactionTo } from './close-codes.ts'

const page = readFileSync(new URL('../../docs/reference/protocol.md', import.meta.url), 'utf8')

test('[PR9] every close code is in the reference with what a client does, and no other', () => {
  const rows = [...page.matchAll(/^\| (\d{4}) \| `([a-z-]+)` \| ([^|]+) \|/gm)]
  const written = rows.map(([, code, name, reaction]) => [Number(code), name, reaction])
  const known = Object.entries(CLOSE_CODES).map(([code, { name, reaction }]) => [Number(code), name, reaction])
  assert.deepEqual(written, known)
})

test('[PR9] a code that nobody knows, and a balancer that goes away, mean reconnect', () => {
  assert.equal(reactionTo(1001), 'reconnect')
  assert.equal(reactionTo(1005), 'reconnect')
  assert.equal(reactionTo(4999), 'reconnect')
})
