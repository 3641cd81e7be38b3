import assert from 'node:assert/strict'
import test from 'node:test'
import type { CertificateIssueRow, CertificateRow } from '../protocol/certificate-answers.ts'
import { type AddressLook, decideSetUp, isWished, type SetUpFacts, type ShownThere } from './set-up-decision.ts'

const ADDRESS = 'https://chat.example.com'
const shown: ShownThere = { trusted: true, reason: '', fingerprint: 'aa', names: ['chat.example.com'] }
const untrusted: ShownThere = { ...shown, trusted: false, reason: 'it signed itself', fingerprint: 'bb' }
const reached = (there?: ShownThere): AddressLook => ({
  addresses: ['192.0.2.7'],
  reached: 'this cluster',
  reason: '',
  ...(there && { shown: there }),
})
const imported = {
  ...{ version: 1, source: 'imported', by: 'ada', at: 0, subject: '', issuer: '', names: ['chat.example.com'] },
  ...{ beginsAt: 0, endsAt: 0, daysLeft: 80, stage: 'good', fingerprint: 'aa', chain: [], faults: [] },
} as const satisfies CertificateRow
const selfSigned: CertificateRow = { ...imported, source: 'self-signed', fingerprint: 'bb' }
const failing: CertificateIssueRow = {
  ...{ names: ['chat.example.com'], directory: 'https://ca.example', email: '', state: 'failed' },
  sentence: 'The authority could not reach port 80.',
}

const FACTS: SetUpFacts = {
  database: { kind: 'looked', findings: [], roundTripMs: 1 },
  address: { own: '', central: ADDRESS, look: reached(shown) },
  certificate: { nodeTls: true, present: imported },
  mail: { server: '', from: '' },
  administrators: 1,
  nodes: 2,
  notes: { skipped: [], balancer: false },
}

function told(id: string, more: Partial<SetUpFacts>): string {
  const step = decideSetUp({ ...FACTS, ...more }).find((each) => each.id === id)
  return `${step?.state}: ${step?.sentence}`
}

test('[SV133] what is told of HTTPS follows from what is shown, what is stored and what was said', () => {
  const at = (central: string, there?: ShownThere) => ({ address: { own: '', central, look: reached(there) } })
  const balancer = { notes: { skipped: [], balancer: true } }
  const plain = { certificate: { nodeTls: false } }
  const table: readonly (readonly [Partial<SetUpFacts>, RegExp])[] = [
    [{}, /^done: The certificate for chat\.example\.com is good for 80 days and shown at https/],
    [at('http://chat.example.com'), /^open: People come by http:.*readable/],
    [{ certificate: { nodeTls: true, present: selfSigned }, ...at(ADDRESS, untrusted) }, /^open: .*signed itself/],
    [{ certificate: { nodeTls: true, present: selfSigned }, ...balancer }, /^done: A balancer shows chat/],
    [
      { certificate: { nodeTls: true, present: { ...imported, faults: ['It has ended.'] } } },
      /^failed: It has ended\./,
    ],
    [at(ADDRESS, untrusted), /^failed: Another certificate than that of the cluster is shown at https.*signed itself/],
    [{ certificate: { nodeTls: true, present: selfSigned, issue: failing } }, /^failed: .*could not reach port 80/],
    [plain, /^done: What stands before the nodes shows chat/],
    [{ ...plain, ...at(ADDRESS, untrusted) }, /^failed: .*is not believed: it signed itself/],
    [{ ...plain, ...at(ADDRESS) }, /^open: The nodes speak plain HTTP/],
    [{ ...plain, ...balancer, ...at(ADDRESS) }, /^failed: .*none could be seen at https/],
    [{ ...plain, address: { own: '', central: '' } }, /^open: The nodes speak plain HTTP/],
  ]
  for (const [facts, wanted] of table) assert.match(told('certificate', facts), wanted)
})

test('[SV131] an address that this node was started with wins, and one that differs from the cluster’s is told', () => {
  const look = reached(shown)
  assert.match(told('address', { address: { own: ADDRESS, central: '', look } }), /^done: https:\/\/chat\.example\.com/)
  const differs = { address: { own: ADDRESS, central: 'https://other.example.com', look } }
  assert.match(told('address', differs), /^failed: This node was started with .*chat.* told https:\/\/other/)
  const unknown = { ...look, addresses: [], reached: 'nobody' } as const
  assert.match(
    told('address', { address: { own: '', central: ADDRESS, look: unknown } }),
    /do not know chat\.example\.com/,
  )
})

test('[SV134] leaving a step out hides only what is open, never what is broken', () => {
  const notes = { skipped: ['certificate', 'mail'], balancer: false } as const
  assert.match(told('mail', { notes }), /^skipped: No visitor/)
  const broken = { certificate: { nodeTls: true, present: { ...imported, faults: ['It has ended.'] } }, notes }
  assert.match(told('certificate', broken), /^failed:/)
  const tested = { server: 'smtp://u@mail.example.com:587', from: 'a@b.example', to: 'c@d.example', at: 1 }
  const mail = { server: tested.server, from: tested.from }
  assert.match(told('mail', { mail, notes: { ...notes, skipped: [], tested } }), /^done: mail\.example\.com:587 took/)
  const other = { mail: { ...mail, from: 'x@b.example' }, notes: { ...notes, skipped: [], tested } }
  assert.match(told('mail', other), /^open: mail\.example\.com:587 is set, and no test mail/)
})

test('[SV133] a certificate is asked for anew where names, authority or mail address are others than those of before', () => {
  for (const same of [{}, { names: failing.names.slice() }, { directory: failing.directory, email: '' }])
    assert.equal(isWished(same, failing), true)
  for (const other of [{ names: ['b.example'] }, { directory: 'https://acme.intern' }, { email: 'ada@example.com' }])
    assert.equal(isWished(other, failing), false)
})
