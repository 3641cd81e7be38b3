import assert from 'node:assert/strict'
import test from 'node:test'
import { minutesPlan, timesPlan } from './fault-campaign.ts'
import { FaultDeck } from './fault-deck.ts'
import { ALL_FAULTS } from './faults/all-faults.ts'
import { killChat } from './faults/kill-chat.ts'
import { SeededDice } from './seeded-dice.ts'

const drawn = (seed: number, count: number) => {
  const deck = new FaultDeck(ALL_FAULTS, new SeededDice(seed))
  return Array.from({ length: count }, () => deck.draw()?.name)
}
const cards = ALL_FAULTS.reduce((sum, { weight }) => sum + weight, 0)

test('[CA9] each deck has every fault as often as it weighs, in an order that the seed draws', () => {
  const names = drawn(7, cards * 3)
  for (let first = 0; first < names.length; first += cards)
    for (const { name, weight } of ALL_FAULTS)
      assert.equal(names.slice(first, first + cards).filter((each) => each === name).length, weight, name)
  assert.notDeepEqual(names.slice(0, cards), names.slice(cards, cards * 2))
  assert.deepEqual(drawn(7, 50), drawn(7, 50))
  assert.notDeepEqual(drawn(7, 50), drawn(8, 50))
})

test('[CA9] names of faults are unique and in kebab-case, and weights are whole numbers', () => {
  assert.equal(new Set(ALL_FAULTS.map(({ name }) => name)).size, ALL_FAULTS.length)
  for (const { name, weight, sentence } of ALL_FAULTS) {
    assert.match(name, /^[a-z]+(?:-[a-z]+)*$/)
    assert.ok(Number.isInteger(weight) && weight > 0, name)
    assert.ok(sentence.length > 20, name)
  }
})

test('[CA9] a plan ends when its time is over, or its faults are done', () => {
  const dice = new SeededDice(1)
  const hour = minutesPlan(ALL_FAULTS, 60)
  assert.ok(hour.next(dice, { trials: 5000, elapsedMs: 3_599_999 }))
  assert.equal(hour.next(dice, { trials: 5000, elapsedMs: 3_600_000 }), undefined)
  assert.equal(hour.share({ trials: 3, elapsedMs: 1_800_000 }), 0.5)
  const twice = timesPlan(killChat, 2)
  assert.equal(twice.next(dice, { trials: 1, elapsedMs: 0 }), killChat)
  assert.equal(twice.next(dice, { trials: 2, elapsedMs: 0 }), undefined)
})
