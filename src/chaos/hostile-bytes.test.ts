import assert from 'node:assert/strict'
import test from 'node:test'
import { clientFrame, OPCODE } from './frame-bytes.ts'
import { HANDSHAKE, HOSTILE_KINDS, hostileCall } from './hostile-bytes.ts'
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
  const mask = [0, 0, 0, 0] as const
  const head = (size: number) => [...clientFrame({ opcode: OPCODE.binary, payload: new Uint8Array(size), mask })]
  assert.deepEqual(
    [...clientFrame({ opcode: OPCODE.text, payload: Uint8Array.of(7, 8), mask: [1, 2, 4, 8] })],
    [0x81, 0x82, 1, 2, 4, 8, 7 ^ 1, 8 ^ 2],
  )
  assert.deepEqual([...clientFrame({ opcode: OPCODE.ping, payload: 'a', fin: false })].slice(0, 2), [0x09, 0x81])
  assert.deepEqual(head(300).slice(0, 8), [0x82, 0xfe, 1, 44, 0, 0, 0, 0])
  assert.deepEqual(head(70_000).slice(0, 14), [0x82, 0xff, 0, 0, 0, 0, 0, 1, 0x11, 0x70, 0, 0, 0, 0])
  assert.equal(head(70_000).length, 14 + 70_000)
})
