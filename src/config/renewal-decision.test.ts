import assert from 'node:assert/strict'
import test from 'node:test'
import { ATTEMPT_MS, afterFailure, decideRenewal, type IssueProgress } from './renewal-decision.ts'

const DAY_MS = 86_400_000
const NOW = 1_800_000_000_000
const WISH = { directory: 'https://ca.example/dir', email: '', names: ['chat.example.com'], by: 'ada', at: NOW - 1000 }
const DONE: IssueProgress = { failures: 0, nextAtMs: 0, fulfilled: WISH.at }
const certificate = (daysLeft: number, source = 'issued') => ({
  source,
  facts: {
    ...{ subject: 'CN=chat.example.com', issuer: 'CN=CA', names: ['chat.example.com'], fingerprint: 'aa' },
    beginsAtMs: NOW + (daysLeft - 90) * DAY_MS,
    endsAtMs: NOW + daysLeft * DAY_MS,
  },
})

test('[CF66] a wish is fulfilled at once, a certificate of ours is renewed in its last third, one of others never', () => {
  const decide = (progress: IssueProgress, shown?: ReturnType<typeof certificate>) => {
    const decision = decideRenewal({ wish: WISH, progress, certificate: shown, nowMs: NOW })
    return [decision.act, decision.act === 'rest' ? decision.sentence : decision.reason]
  }
  const fresh = { failures: 0, nextAtMs: 0 }
  assert.deepEqual(decide(fresh), ['issue', 'ada asked for a certificate for chat.example.com.'])
  assert.equal(decide(fresh, certificate(80, 'imported'))[0], 'issue')
  assert.deepEqual(decide(DONE, certificate(31)), [
    'rest',
    'The certificate is good for another 31 days. It is renewed in its last third.',
  ])
  assert.deepEqual(decide(DONE, certificate(30)), [
    'issue',
    'The certificate is good for another 30 days. It is renewed.',
  ])
  assert.equal(decide(DONE, certificate(-1))[0], 'issue')
  assert.deepEqual(decide(DONE, certificate(1, 'imported')), [
    'rest',
    'A certificate was imported since; it is not replaced.',
  ])
  assert.equal(decide(DONE)[0], 'rest')
})

test('[CF66] nobody begins while another node is at it, and whose time is over is at it no more', () => {
  const progress = { failures: 0, nextAtMs: 0, attempt: { node: 'n2', untilMs: NOW + ATTEMPT_MS } }
  const decide = (nowMs: number) => decideRenewal({ wish: WISH, progress, certificate: undefined, nowMs })
  assert.deepEqual(decide(NOW), { act: 'rest', sentence: 'n2 has a certificate issued.' })
  assert.equal(decide(NOW + ATTEMPT_MS).act, 'issue')
})

test('[CF66] what failed is tried again later and later, and says why', () => {
  let progress: IssueProgress = { failures: 0, nextAtMs: 0, attempt: { node: 'n1', untilMs: NOW + ATTEMPT_MS } }
  const minutes: number[] = []
  for (let attempt = 0; attempt < 8; attempt++) {
    progress = afterFailure(progress, 'No.', NOW)
    minutes.push((progress.nextAtMs - NOW) / 60_000)
  }
  assert.deepEqual(minutes, [15, 30, 60, 120, 240, 480, 720, 720])
  assert.equal(progress.attempt, undefined)
  const decision = decideRenewal({ wish: WISH, progress, certificate: undefined, nowMs: NOW + 1 })
  assert.deepEqual(decision, {
    act: 'rest',
    sentence: 'The last attempt failed; the next one is in 720 minutes. No.',
  })
  assert.equal(decideRenewal({ wish: WISH, progress, certificate: undefined, nowMs: progress.nextAtMs }).act, 'issue')
})
