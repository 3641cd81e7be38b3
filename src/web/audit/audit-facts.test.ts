import assert from 'node:assert/strict'
import test from 'node:test'
import { addressOf, auditPath, chainText, diffOf, entryIn, filterIn, isFiltered, wasLate } from './audit-facts.ts'

const row = (body: string) => ({ n: 7, key: 'k', at: 100_000, hash: 'ab', body })

test('a record is read as far as it can be, and never makes the page fail', () => {
  const who = { name: 'Ada', subject: 'ada', from: '10.0.0.1' }
  const entry = entryIn(
    row(JSON.stringify({ act: 'node.drain', on: 'n2', who, node: 'n1', nodeAt: 1, happened: 'done' })),
  )
  assert.deepEqual([entry.act, entry.on, entry.who, entry.damaged], ['node.drain', 'n2', who, false])
  assert.ok(wasLate(entry))
  for (const body of ['no JSON', '7', 'null', '[]', '{"who":null,"nodeAt":"x"}', '{"act":{}}']) {
    const odd = entryIn(row(body))
    assert.deepEqual([odd.n, odd.act, odd.who.name, wasLate(odd)], [7, '', '', false])
  }
  assert.equal(entryIn(row('no JSON')).damaged, true)
})

test('before and after are compared leaf by leaf, whatever they are', () => {
  const table: readonly (readonly [unknown, unknown, readonly string[]])[] = [
    [undefined, undefined, []],
    [{}, {}, []],
    [{ mode: 'enabled' }, { mode: 'enabled' }, ['mode same enabled enabled']],
    [{ a: 1, b: { c: true } }, { a: 2, b: { d: [1] } }, ['a changed 1 2', 'b › c removed true ', 'b › d added  [1]']],
    [undefined, { asked: 'pause', seconds: 7 }, ['asked added  pause', 'seconds added  7']],
    ['x', null, [' changed x null']],
    [{ a: {} }, { a: { b: 1 } }, ['a removed {} ', 'a › b added  1']],
    [{ a: '' }, {}, ['a removed  ']],
  ]
  for (const [before, after, rows] of table)
    assert.deepEqual(
      diffOf(before, after).map((each) => [each.place, each.kind, each.before, each.after].join(' ')),
      rows,
    )
})

test('a filter goes into the address and comes back; the question holds what fits it', () => {
  const filter = { who: 'ada & co', what: 'node.drain', since: '2026-01-31' }
  assert.equal(addressOf(filter), 'audit?who=ada+%26+co&what=node.drain&since=2026-01-31')
  assert.deepEqual(filterIn(addressOf(filter).slice('audit'.length)), filter)
  const none = { who: ' ', what: '', since: '' }
  assert.deepEqual([addressOf(none, 12), isFiltered(none), isFiltered(filter)], ['audit/12', false, true])
  assert.equal(filterIn('?since=yesterday').since, '')
  assert.equal(auditPath(none, undefined, 8), '/api/audit?limit=50&before=8')
  assert.equal(auditPath({ ...none, who: ' ada ' }, 5), '/api/audit?limit=50&who=ada&since=5')
})

test('the state of the chain is one sentence', () => {
  const head = (n: number) => ({ n, hash: 'ab' })
  assert.equal(chainText({ kind: 'checking', checked: 1000, all: 2500 }), 'Checking: 1,000 of 2,500 records.')
  assert.equal(chainText({ kind: 'sound', head: head(0) }), 'There is no record yet.')
  assert.equal(chainText({ kind: 'sound', head: head(1) }), 'The record is as it was written.')
  assert.equal(chainText({ kind: 'sound', head: head(2000) }), 'All 2,000 records are as they were written.')
  assert.equal(chainText({ kind: 'broken', n: 4, sentence: 'Record 4 is missing.' }), 'Record 4 is missing.')
})
