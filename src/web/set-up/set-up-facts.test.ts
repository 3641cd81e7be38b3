import assert from 'node:assert/strict'
import test from 'node:test'
import type { SetUpState, SetUpStepRow } from '../../protocol/set-up-answers.ts'
import { SET_UP_STEPS, type SetUpStepId } from '../../protocol/set-up-steps.ts'
import { certificateFileOf, likelyAddress, linkIn, progressText, stepAfter, stepToTake } from './set-up-facts.ts'

function rows(states: Partial<Record<SetUpStepId, SetUpState>>): readonly SetUpStepRow[] {
  const told = { sentence: '', remedy: '', findings: [] }
  return SET_UP_STEPS.map(({ id }) => ({ id, state: states[id] ?? 'done', ...told }))
}

test('[WE81] the set-up goes on at the first step that wants something, whatever was left out or taken before', () => {
  assert.equal(stepToTake(rows({ address: 'skipped', certificate: 'failed', mail: 'open' })), 'certificate')
  assert.equal(stepToTake(rows({})), 'join')
  assert.equal(stepAfter('address', rows({ certificate: 'skipped', account: 'open' })), 'account')
  assert.equal(stepAfter('database', rows({})), 'address')
  assert.equal(stepAfter('join', rows({ address: 'open' })), undefined)
  assert.equal(
    progressText({ steps: rows({ mail: 'open', account: 'open' }), complete: false }),
    '4 of 6 steps decided',
  )
  assert.equal(progressText({ steps: rows({}), complete: true }), 'Everything is decided')
})

test('the secret of a link is behind the hash, and the address that was opened is the one to begin with', () => {
  assert.equal(linkIn(new URL('https://chat.example/set-up#link=hfl_x')), 'hfl_x')
  assert.equal(linkIn(new URL('https://chat.example/set-up?link=hfl_x')), undefined)
  assert.equal(likelyAddress('', 'http://localhost:8400'), 'http://localhost:8400')
  assert.equal(likelyAddress('https://chat.example', 'http://localhost:8400'), 'https://chat.example')
})

test('chosen files are one PFX file, or PEM texts in any order', () => {
  const bytes = (text: string) => new TextEncoder().encode(text)
  const files = [
    { name: 'key.pem', bytes: bytes('KEY') },
    { name: 'chain.crt', bytes: bytes('CHAIN') },
  ]
  assert.deepEqual(certificateFileOf(files), { pem: 'KEY\nCHAIN' })
  assert.deepEqual(certificateFileOf([{ name: 'Chat.PFX', bytes: new Uint8Array([1, 2, 255]) }]), { pfx: 'AQL/' })
})
