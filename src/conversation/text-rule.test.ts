import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { Command } from './command.ts'
import { commandDigest } from './command-digest.ts'
import { commandTextFault } from './command-texts.ts'
import { fromRecord, toRecord } from './event-json.ts'
import { isName, LABEL_LENGTH_MAX, NAME_LENGTH_MAX, TEXT_LENGTH_MAX, textFault } from './text-rule.ts'

const FAULTS: readonly (readonly [string, string, string | undefined])[] = [
  ['plain text', 'Hello', undefined],
  ['nothing', '', undefined],
  ['other scripts, emoji and control characters', 'Grüße 你好 שלום 👩‍👩‍👧 \t\n\u0001\u2028\ufeff', undefined],
  ['text at the limit', 'x'.repeat(TEXT_LENGTH_MAX), undefined],
  ['text beyond the limit', 'x'.repeat(TEXT_LENGTH_MAX + 1), 'too-large'],
  ['U+0000', 'a\u0000b', 'bad-text'],
  ['a high surrogate alone', 'a\ud83d', 'bad-text'],
  ['a low surrogate alone', '\ude00a', 'bad-text'],
  ['a pair the wrong way round', '\ude00\ud83d', 'bad-text'],
]

for (const [title, text, fault] of FAULTS)
  test(`${title} is ${fault ?? 'taken'} [CO10]`, () => {
    assert.equal(textFault(text, TEXT_LENGTH_MAX), fault)
    assert.equal(commandTextFault({ type: 'message', format: 'text', text }, TEXT_LENGTH_MAX), fault)
  })

test('every text of every command is judged [CO10]', () => {
  const bad = 'half \ud83d'
  const commands: readonly Command[] = [
    { type: 'open', mode: 'live', subject: bad },
    { type: 'leave', reason: bad },
    { type: 'message', format: 'markdown', text: bad },
    { type: 'note', text: bad },
    { type: 'whisper', to: 'bob', text: bad },
    { type: 'notice', notice: bad },
    { type: 'notice', notice: 'n', url: bad },
    { type: 'notice', notice: 'n', data: bad },
    { type: 'transfer', to: 'bob', name: bad },
    { type: 'rate', score: 1, comment: bad },
  ]
  for (const command of commands) assert.equal(commandTextFault(command, TEXT_LENGTH_MAX), 'bad-text')
  for (const type of ['whisper', 'transfer'] as const)
    assert.equal(commandTextFault({ type, to: bad, text: '', name: '' }, TEXT_LENGTH_MAX), 'malformed')
  const long = 'x'.repeat(LABEL_LENGTH_MAX + 1)
  assert.equal(commandTextFault({ type: 'leave', reason: long }, TEXT_LENGTH_MAX), 'too-large')
  assert.equal(commandTextFault({ type: 'message', format: 'text', text: long }, TEXT_LENGTH_MAX), undefined)
})

test('a name is 1 to 64 characters of good text [CO10]', () => {
  assert.ok(isName('k'.repeat(NAME_LENGTH_MAX)))
  for (const name of ['', 'k'.repeat(NAME_LENGTH_MAX + 1), 'a\u0000', '\ud83d']) assert.ok(!isName(name))
})

test('all other text comes back from the log as it was sent [CO10]', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      if (textFault(text, TEXT_LENGTH_MAX)) return
      const body = { format: 'text', text } as const
      const record = toRecord({ type: 'message', from: 'ann', audience: 'everyone', body }, { seq: 1, epoch: 1, at: 1 })
      assert.deepEqual(fromRecord(record).body, body)
      assert.ok(!record.json.includes('\u0000'))
    }),
    { numRuns: 1_000 },
  )
})

test('different commands have different digests, as far as anybody will meet them [CO1]', () => {
  const seen = new Map<string, string>()
  for (let index = 0; index < 20_000; index++) {
    const text = `message number ${index}`
    const digest = commandDigest({ type: 'message', format: 'text', text })
    assert.equal(seen.get(digest), undefined)
    seen.set(digest, text)
  }
})

test('the digest of a command is the same for ever: retries cross releases [CO11]', () => {
  assert.equal(commandDigest({ type: 'join' }), '00e80f1b6059b185')
  assert.equal(commandDigest({ type: 'message', format: 'text', text: 'Grüße 👋' }), 'bf8fedb64b730930')
  assert.equal(commandDigest({ type: 'open', mode: 'live', subject: 'x' }), 'd35ec4c959244e13')
})
