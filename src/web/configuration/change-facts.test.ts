import assert from 'node:assert/strict'
import test from 'node:test'
import type { ConfigConflictAnswer, ConfigInvalidAnswer } from '../../protocol/config-answers.ts'
import { changeSummary, onTopOf, outcomeOf, pairedLines, shownDiffs } from './change-facts.ts'

test('every way in which a change can end has its outcome', () => {
  const answer = { revision: 3, dryRun: false, diffs: [] }
  assert.deepEqual(outcomeOf({ kind: 'ok', answer }), { kind: 'answered', answer })
  const refused = { definite: true, message: 'No.' }
  const faults = [{ document: 'queue/sales', field: 'title', sentence: 'Wrong.' }]
  const invalid: ConfigInvalidAnswer = { ...refused, code: 'config-invalid', faults }
  assert.deepEqual(outcomeOf({ kind: 'refused', refusal: invalid }), { kind: 'faults', faults })
  const there = { name: 'queue/sales', revision: 9, text: 'title: Vente\n', value: { title: 'Vente' } }
  const conflict = (more: object): ConfigConflictAnswer => ({
    ...{ ...refused, code: 'config-conflict' },
    conflicts: [{ name: 'queue/sales', wanted: null, ...more }],
  })
  assert.deepEqual(outcomeOf({ kind: 'refused', refusal: conflict({ there }) }), { kind: 'conflict', there })
  assert.deepEqual(outcomeOf({ kind: 'refused', refusal: conflict({}) }), { kind: 'conflict' })
  const away = { code: 'store-unavailable', definite: false, message: 'Away.' } as const
  assert.deepEqual(outcomeOf({ kind: 'refused', refusal: away }), { kind: 'trouble', sentence: 'Away.', unknown: true })
  assert.equal(outcomeOf({ kind: 'unreachable' }).kind, 'trouble')
})

test('a difference is shown with texts as they are, and longer ones line by line', () => {
  const diffs = shownDiffs({
    document: 'queue/sales',
    act: 'changed',
    fields: [
      { field: 'title', before: '"Sales"', after: '"Verkauf"' },
      { field: 'open', after: 'false' },
      { field: 'waiting', before: '"one\\ntwo"', after: '"one\\nthree"' },
      { field: 'odd', before: 'not JSON' },
    ],
  })
  assert.deepEqual(diffs, [
    { field: 'title', before: 'Sales', after: 'Verkauf' },
    { field: 'open', after: 'false' },
    {
      field: 'waiting',
      before: 'one\ntwo',
      after: 'one\nthree',
      lines: [
        { left: 'one', right: 'one', same: true },
        { left: 'two', right: 'three', same: false },
      ],
    },
    { field: 'odd', before: 'not JSON' },
  ])
})

test('[WE52] two texts stand beside each other, what they share in one row', () => {
  const row = (left?: string, right?: string) => ({
    same: left === right,
    ...(left !== undefined && { left }),
    ...(right !== undefined && { right }),
  })
  assert.deepEqual(pairedLines('a\nb\nc\n', 'a\nx\nc\nd\n'), [
    row('a', 'a'),
    row('b', 'x'),
    row('c', 'c'),
    row(undefined, 'd'),
  ])
  assert.deepEqual(pairedLines('', 'a\n'), [row(undefined, 'a')])
  assert.deepEqual(pairedLines('a\n', ''), [row('a')])
  assert.deepEqual(pairedLines('', ''), [])
  assert.deepEqual(pairedLines('b\n', 'a\nb\n'), [row(undefined, 'a'), row('b', 'b')])
})

test('texts that are too long to be compared are still shown whole', () => {
  const long = Array.from({ length: 3000 }, (_, line) => `line ${line}`).join('\n')
  const pairs = pairedLines(long, `${long}\nmore`)
  assert.equal(pairs.at(-1)?.right, 'more')
  assert.equal(pairs.length, 3001)
})

test('[WE52] mine on top of theirs keeps what they changed where I changed nothing, and is mine where I did', () => {
  const base = { title: 'Sales', open: true, list: [1, 2], nested: { a: 1, b: 2 }, gone: 'x' }
  const theirs = { title: 'Vente', open: false, list: [1], nested: { a: 9, b: 2 }, gone: 'x', theirs: 1 }
  const mine = { title: 'Verkauf', open: true, list: [1, 2, 3], nested: { a: 1, b: 7 }, mine: 1 }
  assert.deepEqual(onTopOf(theirs, base, mine), {
    ...{ title: 'Verkauf', open: false, list: [1, 2, 3], nested: { a: 9, b: 7 }, theirs: 1, mine: 1 },
  })
  assert.deepEqual(onTopOf(theirs, base, base), theirs)
  assert.deepEqual(onTopOf({}, base, mine).title, 'Verkauf')
  assert.deepEqual(onTopOf({ title: 'Both' }, {}, { title: 'New' }), { title: 'New' })
})

test('a change is told in few words', () => {
  const diff = (document: string, act: 'added' | 'changed' | 'removed') => ({ document, act, fields: [] })
  assert.equal(changeSummary([]), 'nothing changed')
  assert.equal(
    changeSummary([diff('branding', 'changed'), diff('queue/a', 'added')]),
    'queue/a added; branding changed',
  )
  assert.equal(changeSummary(['a', 'b', 'c', 'd'].map((own) => diff(`queue/${own}`, 'removed'))), '4 documents removed')
})
