import assert from 'node:assert/strict'
import test from 'node:test'
import {
  certificateCount,
  endOf,
  fingerprintText,
  issueTold,
  listedNames,
  nameIn,
  nodesText,
  shownBy,
  sourceText,
  spentShare,
  splitPem,
} from './certificates-facts.ts'

test('[WE75] the end of a certificate is told in days, and how grave it is', () => {
  assert.deepEqual(endOf({ stage: 'good', daysLeft: 89 }), { tone: 'good', text: '89 days left' })
  assert.deepEqual(endOf({ stage: 'urgent', daysLeft: 1 }), { tone: 'bad', text: '1 day left' })
  assert.deepEqual(endOf({ stage: 'urgent', daysLeft: 0 }), { tone: 'bad', text: 'Ends today' })
  assert.deepEqual(endOf({ stage: 'ended', daysLeft: -3 }), { tone: 'bad', text: 'Ended 3 days ago' })
  assert.deepEqual([spentShare({ beginsAt: 0, endsAt: 10 }, 4), spentShare({ beginsAt: 0, endsAt: 10 }, 99)], [0.4, 1])
  assert.deepEqual([spentShare({ beginsAt: 5, endsAt: 10 }, 4), spentShare({ beginsAt: 5, endsAt: 5 }, 4)], [0, 1])
})

test('[WE75] a node that shows another certificate is told apart from one that does not answer or speaks no TLS', () => {
  const certificate = { fingerprint: 'aa' }
  const rows = [{ node: 'a', tls: true, fingerprint: 'aa' }, { node: 'b', tls: false }, { node: 'c' }]
  const other = { node: 'd', tls: true, fingerprint: 'bb' }
  assert.deepEqual(
    [...rows, other].map((row) => shownBy(row, certificate).text),
    ['Shows this one', 'Speaks plain HTTP', 'Does not answer', 'Shows another one'],
  )
  const text = (...nodes: Parameters<typeof shownBy>[0][]) =>
    nodesText({ nodes, certificate: certificate as never }).text
  assert.equal(text(...rows, other), '1 of 4 shows another one')
  assert.equal(text(other, other), '2 of 2 show another one')
  assert.equal(text(...rows), '1 of 3 does not answer')
  assert.equal(text(...rows.slice(0, 2)), 'All that speak TLS show this one')
  assert.equal(text({ node: 'b', tls: false }), 'No node speaks TLS')
})

test('[WE79] what an authority issued is renewed by itself, what was imported since is not', () => {
  assert.equal(issueTold({ state: 'issued' }, { source: 'issued' }).text, 'Renewed by itself')
  assert.equal(issueTold({ state: 'issued' }, { source: 'imported' }).text, 'At rest')
  assert.equal(issueTold({ state: 'failed' }, { source: 'imported' }).tone, 'bad')
})

test('[WE76] private keys are taken out of what was pasted, whichever kind they are', () => {
  const certificate = '-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----'
  for (const kind of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'EC PRIVATE KEY']) {
    const key = `-----BEGIN ${kind}-----\nBB\n-----END ${kind}-----`
    for (const text of [`${key}\n${certificate}`, `${certificate}\r\n${key}\r\n`])
      assert.deepEqual(splitPem(text), { certificates: certificate, keys: key })
  }
  assert.deepEqual(splitPem(certificate), { certificates: certificate, keys: '' })
  assert.equal(certificateCount(`${certificate}\n${certificate}`), 2)
})

test('names, fingerprints and origins are told as people know them', () => {
  assert.equal(nameIn("CN=R11, O=Let's Encrypt, C=US"), "R11, Let's Encrypt")
  assert.equal(nameIn('O=Contoso, Ltd., C=DE'), 'Contoso, Ltd.')
  assert.equal(nameIn('nobody'), 'nobody')
  assert.equal(fingerprintText('ab12'), 'AB:12')
  assert.equal(sourceText({ source: 'imported', by: 'ada' }), 'Imported by ada')
  assert.deepEqual(listedNames('a.example.com, b.example.com\na.example.com '), ['a.example.com', 'b.example.com'])
})
