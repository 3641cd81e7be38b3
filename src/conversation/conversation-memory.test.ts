import assert from 'node:assert/strict'
import test from 'node:test'
import type { Command, Submission } from './command.ts'
import { decide } from './decide.ts'
import { fold } from './evolve.ts'
import { instanceRows } from './recent-instances.ts'
import { keyRows } from './recent-keys.ts'
import { CAST, rehearse } from './rehearsal.ts'
import { fromSnapshot, SNAPSHOT_FORMAT, toSnapshot } from './snapshot.ts'
import { TEXT_LENGTH_MAX } from './text-rule.ts'

const say = (text: string): Command => ({ type: 'message', format: 'text', text })
const plain = (index: number): Submission => ({ sender: CAST.ann, key: `m${index}`, command: say(`${index}`) })
const numbered = (n: number, instance = 'page'): Submission => ({
  sender: CAST.ann,
  key: `${instance} ${n}`,
  origin: { instance, n, floor: n },
  command: say(`${n}`),
})

function opened() {
  const story = rehearse()
  story.submit({ sender: CAST.ann, key: 'open', command: { type: 'open', mode: 'live' } })
  return story
}

test('while no key was forgotten, absence from memory is absence from the log [CO6]', () => {
  const story = opened()
  for (let index = 0; index < 500; index++) story.submit(plain(index))
  assert.equal(story.lookUps, 0)
  assert.ok(story.state.keys.complete)
})

test('a forgotten key is looked up and answered with its first seq [CO6]', () => {
  const story = opened()
  for (let index = 0; index < 2_000; index++) story.submit(plain(index))
  assert.ok(!story.state.keys.complete)
  assert.equal(keyRows(story.state.keys).length, 512 + (2_001 % 32))
  const context = { at: 0, textLengthMax: TEXT_LENGTH_MAX }
  assert.deepEqual(decide(story.state, plain(0), context), { kind: 'look-up-key' })
  assert.deepEqual(story.submit(plain(0)), { kind: 'duplicate', seq: 3 })
  assert.deepEqual(story.submit({ ...plain(0), command: say('other') }), { kind: 'refused', code: 'key-reused' })
  assert.deepEqual(story.submit(plain(1_999)), { kind: 'duplicate', seq: 2_002 })
})

test('the next number of a known instance cannot be a retry and costs no look-up [CO6]', () => {
  const story = opened()
  for (let n = 1; n <= 1_000; n++) story.submit(numbered(n))
  assert.ok(!story.state.keys.complete)
  assert.equal(story.lookUps, 0)
  assert.deepEqual(story.submit(numbered(3)), { kind: 'duplicate', seq: 5 })
  assert.equal(story.lookUps, 1)
})

test('an old number with an unknown key is looked up before it is called superseded [CO6]', () => {
  const story = opened()
  for (let n = 1; n <= 1_000; n++) story.submit(numbered(n))
  const late = { ...numbered(3), key: 'never sent before' }
  assert.deepEqual(story.submit(late), { kind: 'refused', code: 'superseded' })
  assert.equal(story.lookUps, 1)
})

test('the last number of an instance may be a retry long after its key was forgotten [CO6]', () => {
  const story = opened()
  const last = numbered(1)
  story.submit(last)
  for (let index = 0; index < 600; index++) story.submit(plain(index))
  assert.deepEqual(story.submit(last), { kind: 'duplicate', seq: 3 })
})

test('what a forgotten instance sends again is looked up [CO6]', () => {
  const story = opened()
  story.submit(numbered(1, 'load 1'))
  for (let load = 2; load <= 80; load++) story.submit(numbered(1, `load ${load}`))
  for (let index = 0; index < 600; index++) story.submit(plain(index))
  assert.deepEqual(story.submit(numbered(1, 'load 1')), { kind: 'duplicate', seq: 3 })
})

test('an instance that is heard from stays, however long ago it began [CO6]', () => {
  const story = opened()
  for (let load = 1; load <= 80; load++) {
    story.submit(numbered(load, 'faithful'))
    story.submit(numbered(1, `load ${load}`))
  }
  const late = { ...numbered(40, 'faithful'), key: 'never sent before' }
  assert.deepEqual(story.submit(late), { kind: 'refused', code: 'superseded' })
})

test('the 64 newest instances are remembered; an older one goes on where its floor says [CO6]', () => {
  const story = opened()
  for (let load = 1; load <= 80; load++) story.submit(numbered(1, `load ${load}`))
  assert.equal(instanceRows(story.state.instances).length, 64)
  assert.ok(!story.state.instances.complete)
  assert.equal(story.submit(numbered(2, 'load 1')).kind, 'accepted')
  assert.deepEqual(instanceRows(story.state.instances).at(-1), ['ann', 'load 1', 2])
})

test('a snapshot keeps what was forgotten forgotten [CO5]', () => {
  const story = opened()
  for (let index = 0; index < 700; index++) story.submit(plain(index))
  for (let load = 1; load <= 70; load++) story.submit(numbered(1, `load ${load}`))
  const restored = fromSnapshot(toSnapshot(story.state))
  assert.deepEqual(restored, story.state)
  const more = story.events.length
  for (let index = 700; index < 800; index++) story.submit(plain(index))
  assert.deepEqual(fold(story.events.slice(more), restored), story.state)
})

test('a snapshot of another version is not read [CO5]', () => {
  const { json } = toSnapshot(opened().state)
  assert.equal(fromSnapshot({ format: SNAPSHOT_FORMAT + 1, json: '{"shape":"unknown"}' }), undefined)
  assert.ok(fromSnapshot({ format: SNAPSHOT_FORMAT, json }))
})
