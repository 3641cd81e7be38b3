import assert from 'node:assert/strict'
import test from 'node:test'
import { frame, HANDSHAKE, HOSTILE_KINDS, hostileCall } from './hostile-bytes.ts'
import { SeededDice } from './seeded-dice.ts'

test('[CA24] the same seed makes the same hostile calls, and every kind is among a thousand', () => {
  const calls = (seed: number) => {
    const dice = new SeededDice(seed)
    return Array.from({ length: 1000 }, () => hostileCall(dice))
  }
  const [first, again] = [calls(7), calls(7)]
  assert.deepEqual(first, again)
  assert.deepEqual(new Set(first.map(({ kind }) => kind)), new Set(Object.keys(HOSTILE_KINDS)))
  for (const { kind, chunks } of first)
    assert.equal(
      chunks[0] === HANDSHAKE,
      !kind.startsWith('http'),
      `${kind} comes behind a handshake, or instead of it`,
    )
})

test('[CA24] a frame is what RFC 6455 says, so that only what is meant to be wrong is wrong', () => {
  assert.deepEqual([...frame(1, [7, 8])], [0x81, 0x82, 0, 0, 0, 0, 7, 8])
  assert.deepEqual([...frame(9, [1], false)].slice(0, 2), [0x09, 0x81])
  assert.deepEqual([...frame(1, new Uint8Array(300)).subarray(0, 8)], [0x81, 0xfe, 1, 44, 0, 0, 0, 0])
  const long = frame(2, new Uint8Array(70_000))
  assert.deepEqual([...long.subarray(0, 14)], [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x70, 0, 0, 0, 0])
  assert.equal(long.length, 14 + 70_000)
})
