import assert from 'node:assert/strict'
import test from 'node:test'
import { type ChainFacts, decideExpiry, judgeCertificate, namesCover } from './certificate-decision.ts'

const DAY_MS = 86_400_000
const NOW = 1_800_000_000_000
const OWN = {
  subject: 'CN=chat.example.com',
  issuer: 'CN=Between',
  names: ['chat.example.com', '*.eu.example.com', '10.1.2.3'],
  beginsAtMs: NOW - 10 * DAY_MS,
  endsAtMs: NOW + 80 * DAY_MS,
  fingerprint: 'aa',
}
const BETWEEN = { ...OWN, subject: 'CN=Between', issuer: 'CN=Root', names: [], endsAtMs: NOW + 1000 * DAY_MS }
const GOOD: ChainFacts = {
  chain: [OWN, BETWEEN],
  linked: [true],
  keyMatches: true,
  endsInItself: false,
  rootKnown: true,
}
const judge = (change: Partial<ChainFacts>, hosts: readonly string[] = ['chat.example.com']) =>
  judgeCertificate({ ...GOOD, ...change }, { hosts, nowMs: NOW })

test('[CF62] a whole chain for the right name, with its key and with time left, has no fault', () => {
  assert.deepEqual(judge({}), [])
  assert.deepEqual(judge({}, ['chat.example.com', 'a.eu.example.com', '10.1.2.3']), [])
})

test('[CF62] each thing that is wrong with a certificate is told in a sentence, all of them at once', () => {
  const cases: readonly (readonly [Partial<ChainFacts>, string, RegExp])[] = [
    [{ chain: [], linked: [] }, 'empty', /no certificate/],
    [{ keyMatches: false }, 'wrong-key', /private key is not that of .*chat\.example\.com/],
    [{ linked: [false] }, 'wrong-order', /CN=chat\.example\.com was signed by CN=Between, but CN=Between follows/],
    [{ chain: [{ ...OWN, names: [] }, BETWEEN] }, 'no-names', /names no host/],
    [{ chain: [{ ...OWN, names: ['other.example.com'] }, BETWEEN] }, 'other-name', /not for chat\.example\.com/],
    [{ chain: [{ ...OWN, beginsAtMs: NOW + 2 * DAY_MS }, BETWEEN] }, 'not-begun', /begins in 2 days/],
    [{ chain: [{ ...OWN, endsAtMs: NOW - 3 * DAY_MS }, BETWEEN] }, 'ended', /ended 3 days ago/],
    [{ chain: [OWN, { ...BETWEEN, endsAtMs: NOW - DAY_MS }] }, 'ended', /CN=Between ended 1 day ago/],
    [{ chain: [{ ...OWN, endsAtMs: NOW + 3 * DAY_MS }, BETWEEN] }, 'ends-soon', /another 3 days only/],
    [{ rootKnown: false }, 'chain-not-whole', /nobody here knows CN=Root, which signed CN=Between/],
    [{ rootKnown: false, endsInItself: true }, 'chain-not-whole', /only those trust who were told to/],
    [{ chain: [OWN], linked: [], rootKnown: false, endsInItself: true }, 'self-signed', /browsers warn/],
  ]
  for (const [change, code, sentence] of cases) {
    const faults = judge(change, code === 'no-names' ? [] : undefined)
    assert.deepEqual(
      faults.map((fault) => fault.code),
      [code],
    )
    assert.match(faults[0]?.sentence ?? '', sentence)
  }
  const all = judge({ keyMatches: false, linked: [false], chain: [{ ...OWN, endsAtMs: NOW - 1 }, BETWEEN] }, ['b'])
  assert.deepEqual(
    all.map(({ code }) => code),
    ['wrong-key', 'wrong-order', 'other-name', 'ended'],
  )
})

test('[CF62] a star stands for exactly one label, and never for an address', () => {
  const names = ['*.example.com', '::1', '10.1.2.3']
  for (const host of ['a.example.com', 'A.EXAMPLE.COM.', '[::1]', '10.1.2.3']) assert.ok(namesCover(names, host), host)
  for (const host of ['example.com', 'a.b.example.com', 'example.org', '10.1.2.4', 'localhost'])
    assert.ok(!namesCover(names, host), host)
  assert.ok(!namesCover(['*.1.2.3', '*'], '10.1.2.3'))
})

test('[CF65] a renewal is due in the last third of a life, alarms come later, whatever the life is', () => {
  const stages = (lifeDays: number, ...daysLeft: readonly number[]) =>
    daysLeft.map((left) => {
      const endsAtMs = NOW + left * DAY_MS
      const { stage, step } = decideExpiry({ beginsAtMs: endsAtMs - lifeDays * DAY_MS, endsAtMs }, NOW)
      return `${stage} ${step}`
    })
  assert.deepEqual(stages(90, 31, 30, 23, 22, 15, 14, 4, 3, 0.5, 0), [
    ...['good 0', 'renew 0', 'renew 0', 'soon 1', 'soon 1', 'soon 2', 'soon 2', 'urgent 3', 'urgent 3', 'ended 4'],
  ])
  assert.deepEqual(stages(365, 122, 121, 31, 30, 14, 3, -2), [
    ...['good 0', 'renew 0', 'renew 0', 'soon 1', 'soon 2', 'urgent 3', 'ended 4'],
  ])
  assert.deepEqual(stages(30, 10, 8, 7, 5, 2.5), ['renew 0', 'renew 0', 'soon 1', 'soon 2', 'urgent 3'])
  assert.deepEqual(stages(6, 3, 2, 1.5, 0.5), ['good 0', 'renew 0', 'soon 1', 'urgent 3'])
  const early = { beginsAtMs: NOW - 300 * DAY_MS, endsAtMs: NOW + 50 * DAY_MS }
  assert.equal(decideExpiry(early, NOW, [60, 20, 2]).step, 1, 'operators are told when they want to be')
  assert.equal(decideExpiry(OWN, NOW).sentence, 'The certificate is good for another 80 days.')
  assert.equal(decideExpiry(OWN, NOW + 81.5 * DAY_MS).sentence, 'The certificate ended 2 days ago.')
})
