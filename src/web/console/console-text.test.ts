import assert from 'node:assert/strict'
import test from 'node:test'
import { agoText, colourOf, countText, initials, plural, spanText } from './console-text.ts'

test('spans of time are told in their largest unit', () => {
  const table = [
    [0, '0 s'],
    [-5, '0 s'],
    [59_400, '59 s'],
    [60_000, '1 min'],
    [3_600_000 * 5, '5 h'],
    [86_400_000 * 3.5, '3 d'],
  ] as const
  for (const [spanMs, text] of table) assert.equal(spanText(spanMs), text)
})

test('a time is told relative to now, and clocks that differ by a little make no nonsense', () => {
  const table = [
    [0, 'just now'],
    [4_000, 'just now'],
    [-4_000, 'just now'],
    [12_000, '12 s ago'],
    [7_200_000, '2 h ago'],
    [-7_200_000, 'in 2 h'],
  ] as const
  for (const [spanMs, text] of table) assert.equal(agoText(1_000_000_000 - spanMs, 1_000_000_000), text)
})

test('counts and names are told shortly', () => {
  assert.equal(countText(1234567), '1,234,567')
  assert.equal(plural(1, 'node'), '1 node')
  assert.equal(plural(0, 'node'), '0 nodes')
  assert.equal(initials('Ada Byron King'), 'AK')
  assert.equal(initials('ada'), 'A')
  assert.equal(initials('  '), '')
  assert.equal(initials('😀 x'), '😀X')
})

test('a name always has the same colour', () => {
  for (const name of ['', 'ada', 'Zoë', '😀'.repeat(50)]) {
    const colour = colourOf(name, 8)
    assert.ok(colour >= 0 && colour < 8)
    assert.equal(colourOf(name, 8), colour)
  }
})
