import assert from 'node:assert/strict'
import test from 'node:test'
import { type DoctorFacts, doctorFactsIn } from '../protocol/doctor-schema.ts'
import { DOCTOR_CHECKS, type DoctorCheckName } from './doctor-catalogue.ts'
import { compareNodes, type DoctorFinding } from './doctor-decision.ts'
import { BEGINNING_MS, certificate, DEVIATIONS, soundFacts } from './doctor-stage.ts'
import type { NodeReport } from './doctor-view-decision.ts'

const GIBIBYTE = 1024 ** 3

function report(node: string, facts: Partial<DoctorFacts> = {}, more: Partial<NodeReport> = {}): NodeReport {
  const clock = { offsetMs: 0, uncertaintyMs: 1 }
  return { node, role: node.startsWith('e') ? 'edge' : 'chat', clock, facts: soundFacts(facts), ...more }
}

function compared(reports: readonly NodeReport[]): readonly DoctorFinding[] {
  return compareNodes({ reports, asker: reports[0]?.node ?? '', nowMs: BEGINNING_MS })
}

const wrong = (findings: readonly DoctorFinding[]) => findings.filter(({ severity }) => severity !== 'ok')

/** `check severity nodes`, of what is not well. */
const brief = (findings: readonly DoctorFinding[]) =>
  wrong(findings).map(({ check, severity, nodes }) => `${check} ${severity} ${nodes.join(' ')}`)

test('[OP51] where all nodes say the same every check is well for every node, with one sentence', () => {
  const findings = compared([report('e1'), report('n1'), report('n2')])
  assert.deepEqual(brief(findings), [])
  assert.deepEqual(
    findings.map(({ check }) => check),
    Object.keys(DOCTOR_CHECKS),
  )
  for (const { nodes, sentence, remedy, check } of findings) {
    assert.deepEqual(nodes, ['e1', 'n1', 'n2'], check)
    assert.match(sentence, /^\S.*\.$/, check)
    assert.equal(remedy, '', check)
  }
})

for (const [fact, { facts, check, severity, sentence }] of Object.entries(DEVIATIONS))
  test(`[OP51] a node that deviates in ${fact} is named, and nothing else is found`, () => {
    const findings = wrong(compared([report('e1'), report('n1'), report('n2', facts)]))
    assert.deepEqual(
      findings.map((finding) => [finding.check, finding.severity]),
      [[check, severity]],
    )
    assert.match(findings[0]?.sentence ?? '', sentence)
    assert.match(findings[0]?.remedy ?? '', /^[A-Z].*\.$/)
  })

const clock = (offsetMs: number, uncertaintyMs = 1) => ({ clock: { offsetMs, uncertaintyMs } })
const memory = (used: number, machine = 8, heap = 4) => ({
  memory: { usedBytes: used * GIBIBYTE, machineBytesMax: machine * GIBIBYTE, heapBytesMax: heap * GIBIBYTE },
})
const disk = (free: number, total: number) => ({
  disk: { freeBytes: free * GIBIBYTE, totalBytes: total * GIBIBYTE },
})
const program = (version: string, formatReads = 2, protocols = [1]) => ({
  program: { version, formatReads, protocols },
})
const shown = (days: number) => ({ certificate: { tls: true, shown: certificate('aa', days) } })
const plain = { certificate: { tls: false } }
const address = (publicUrl: string, addresses: string[] = []) => ({ publicAddress: { publicUrl, addresses } })
const ports = (...reaches: NonNullable<DoctorFacts['ports']>['reaches']) => ({ ports: { listens: [], reaches } })
const way = (node: string, what: string, reached: boolean) => ({
  ...{ node, what, address: `${node}:1` },
  ...(reached ? { roundTripMs: 1, reason: '' } : { reason: 'ECONNREFUSED' }),
})

// Each line: what the nodes say, and what is found.
const TABLE: readonly (readonly [string, readonly NodeReport[], readonly string[]])[] = [
  ['a silent node', [report('e1'), { node: 'n1', role: 'chat', silent: 'it is dead' }], ['answers failed n1']],
  [
    'of two public addresses that of the asker',
    [report('e1'), report('n1', address('https://b'))],
    ['public-address failed n1'],
  ],
  [
    'the public address of the many, though the asker has another one',
    [report('e1', address('https://b')), report('n1'), report('n2')],
    ['public-address failed e1'],
  ],
  [
    'no public address and two edges',
    [report('e1', address('')), report('e2', address(''))],
    ['public-address warning e1 e2'],
  ],
  ['no public address and one edge', [report('e1', address('')), report('n1', address(''))], []],
  [
    'other addresses in another order',
    [
      report('e1', address('https://a', ['https://b', 'https://c'])),
      report('e2', address('https://a', ['https://c', 'https://b'])),
    ],
    [],
  ],
  [
    'other addresses',
    [report('e1', address('https://a', ['https://b'])), report('e2', address('https://a'))],
    ['public-address warning e2'],
  ],
  ['a certificate for 6 days', [report('e1', shown(6)), report('n1', shown(6))], ['certificate warning e1 n1']],
  ['a certificate that ended', [report('e1', shown(-1)), report('n1', shown(-1))], ['certificate failed e1 n1']],
  ['TLS without a certificate', [report('e1', { certificate: { tls: true } })], ['certificate failed e1']],
  ['an edge without TLS', [report('e1'), report('e2', plain)], ['certificate warning e2']],
  ['a chat node without TLS', [report('e1'), report('n1', plain)], []],
  ['no TLS at all', [report('e1', plain), report('e2', plain)], []],
  [
    'versions that are no neighbours',
    [report('e1', program('1.4.0')), report('n1', program('1.2.9'))],
    ['version failed n1'],
  ],
  ['another major version', [report('e1', program('2.0.0')), report('n1', program('1.9.0'))], ['version failed n1']],
  ['1.10 after 1.9', [report('e1', program('1.9.0')), report('n1', program('1.10.0'))], ['version warning e1']],
  ['the same version that reads less', [report('e1'), report('n1', program('1.4.2', 1))], ['version warning n1']],
  [
    'no protocol in common',
    [report('e1', program('1.4.2', 2, [2])), report('n1', program('1.4.2', 2, [1]))],
    ['version failed e1 n1'],
  ],
  ['an old Node', [report('e1', { runtime: { version: '22.9.0' } })], ['runtime failed e1']],
  [
    'a configuration that comes late',
    [report('e1'), report('n1', { configuration: { revision: 6, digest: 'd6' } })],
    ['configuration warning n1'],
  ],
  ['a breaking migration', [report('e1', { schema: { knows: 14, applied: 16, breaking: 16 } })], ['schema failed e1']],
  ['a migration that is not there', [report('e1', { schema: { knows: 15, applied: 14 } })], ['schema failed e1']],
  ['clocks within 249 ms', [report('e1'), report('n1', {}, clock(250))], []],
  ['clocks 251 ms apart', [report('e1'), report('n1', {}, clock(252))], ['clock warning n1']],
  ['clocks that are surely a second apart', [report('e1'), report('n1', {}, clock(-1002))], ['clock failed n1']],
  ['clocks that may be a second apart', [report('e1'), report('n1', {}, clock(1100, 900))], []],
  ['clocks that nobody can compare', [report('e1'), report('n1', {}, clock(500, 1500))], ['clock warning n1']],
  [
    'an asker with a wrong clock',
    [report('e1', {}, clock(0, 0)), report('n1', {}, clock(5000)), report('n2', {}, clock(5001))],
    ['clock failed e1'],
  ],
  [
    'an HTTP port that one node does not reach',
    [report('e1', ports(way('n2', 'HTTP', false))), report('n1', ports(way('n2', 'HTTP', true))), report('n2')],
    ['ports warning n2'],
  ],
  [
    'an HTTP port that nobody reaches',
    [report('e1', ports(way('n1', 'HTTP', false))), report('n1')],
    ['ports failed n1'],
  ],
  [
    'a link that one node does not reach',
    [report('e1', ports(way('n2', 'link', false))), report('n1', ports(way('n2', 'link', true))), report('n2')],
    ['ports failed n2'],
  ],
  ['a slow database', [report('e1', { database: { roundTripMs: 20, faults: [] } })], ['database warning e1']],
  ['a very slow database', [report('e1', { database: { roundTripMs: 300, faults: [] } })], ['database failed e1']],
  ['4 % of a large disk', [report('e1', disk(40, 1000))], ['disk warning e1']],
  ['a gibibyte of a small disk', [report('e1', disk(1, 10))], []],
  ['an earlier master key', [report('e1', { masterKey: { state: 'earlier' } })], ['master-key warning e1']],
  ['no secrets', [report('e1', { masterKey: { state: 'no-secrets' } })], []],
  ['80 % of the memory', [report('e1', memory(6.4))], ['memory warning e1']],
  ['95 % of the memory', [report('e1', memory(7.6))], ['memory failed e1']],
  ['a runtime that may take more than there is', [report('e1', memory(1, 2, 4))], ['memory warning e1']],
  ['less memory in another role', [report('e1', memory(1, 8, 1)), report('n1')], []],
  ['no time server', [report('e1', { time: { zone: 'UTC', followed: false } })], ['time warning e1']],
]

for (const [title, reports, found] of TABLE)
  test(`[OP52] found of ${title}: ${found.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(brief(compared(reports)), found)
  })

test('[OP53] what a node could not look at is told with its reason, and of the database that is a failure', () => {
  const { disk: _, database: __, ...facts } = soundFacts()
  const unseen = { disk: 'EACCES', database: 'no route' }
  const findings = compared([report('e1'), { ...report('n1'), facts: { ...facts, unseen } }])
  assert.deepEqual(brief(findings), ['database failed n1', 'disk warning n1'])
  assert.match(wrong(findings)[1]?.sentence ?? '', /n1: disk could not be looked at: EACCES/)
  const fine = findings.find(({ check, severity }) => check === 'disk' && severity === 'ok')
  assert.deepEqual(fine?.nodes, ['e1'])
})

test('[OP53] of what a node does not tell, as one of another version, nothing is said', () => {
  const findings = compared([report('e1'), { ...report('n1'), facts: { unseen: {} } }])
  assert.deepEqual(brief(findings), [])
  const told = findings.filter(({ nodes }) => nodes.includes('n1')).map(({ check }) => check)
  assert.deepEqual(told, ['answers', 'clock'])
})

test('[OP53] sections of an answer that are not as this version knows them are left out, and no name reaches a prototype', () => {
  for (const strange of [null, 7, 'facts', [], undefined]) assert.equal(doctorFactsIn(strange), undefined)
  const sound = soundFacts()
  assert.deepEqual(doctorFactsIn(JSON.parse(JSON.stringify(sound))), sound)
  const told = { ...sound, disk: { freeBytes: 'much' }, runtime: { version: { toString: 'x' } }, later: { a: 1 } }
  const { disk: _, runtime: __, ...rest } = sound
  assert.deepEqual(doctorFactsIn(told), rest)
  const hostile = JSON.parse(
    '{"__proto__":{"disk":{"freeBytes":1,"totalBytes":1}},"unseen":{"__proto__":"x","disk":7}}',
  )
  assert.deepEqual(doctorFactsIn(hostile), { unseen: {} })
})

test('[OP51] every check has its place in the table of checks, and says when it warns or fails', () => {
  const told = new Set<DoctorCheckName>(Object.values(DEVIATIONS).map(({ check }) => check))
  for (const [name, { warning, failed, compares }] of Object.entries(DOCTOR_CHECKS)) {
    assert.ok(`${warning}${failed}` !== '' && compares.endsWith('.'), name)
    assert.ok(told.has(name as DoctorCheckName) || name === 'answers' || name === 'clock', `${name} has a deviation`)
  }
})
