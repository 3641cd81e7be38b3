import assert from 'node:assert/strict'
import test from 'node:test'
import { judgePeer, type PeerEvidence } from './peer-decision.ts'

const terms = { suspectMs: 800, silentAdoptionMs: 3000 }
const well: PeerEvidence = {
  linkUp: true,
  hearsUs: true,
  lastHeardMs: 10_000,
  refused: false,
  witnesses: new Set(),
  beatAgeMs: 100,
  owns: true,
}

const cases: readonly {
  title: string
  evidence: Partial<PeerEvidence>
  steadyForMs?: number
  verdict: 'well' | 'suspect' | 'dead'
}[] = [
  { title: 'a peer that is heard is well', evidence: {}, verdict: 'well' },
  {
    title: '[CL5] a link that was silent for the suspect time makes its peer suspect',
    evidence: { lastHeardMs: 9200 },
    verdict: 'suspect',
  },
  {
    title: '[CL5] a link that was silent for a little less does not',
    evidence: { lastHeardMs: 9201 },
    verdict: 'well',
  },
  {
    title: '[CL12] an edge that is heard is not dead, however long the store has not heard it',
    evidence: { beatAgeMs: 60_000, owns: false },
    steadyForMs: 60_000,
    verdict: 'suspect',
  },
  {
    title: '[CL12] an edge that nobody hears is dead',
    evidence: { beatAgeMs: 3000, owns: false, linkUp: false },
    steadyForMs: 3000,
    verdict: 'dead',
  },
  { title: 'a peer that does not hear this node is suspect', evidence: { hearsUs: false }, verdict: 'suspect' },
  { title: 'a peer without a link is suspect', evidence: { linkUp: false }, verdict: 'suspect' },
  {
    title: '[CL4] a refused connection alone is no death',
    evidence: { linkUp: false, refused: true },
    verdict: 'suspect',
  },
  {
    title: '[CL4] another member that lost its link alone is no death',
    evidence: { linkUp: false, witnesses: new Set(['a']) },
    verdict: 'suspect',
  },
  {
    title: '[CL4] a refused connection and a second witness are a death',
    evidence: { linkUp: false, refused: true, witnesses: new Set(['a']) },
    verdict: 'dead',
  },
  {
    title: 'a peer that cannot reach the store is not asked, though its link lives',
    evidence: { beatAgeMs: 900 },
    verdict: 'suspect',
  },
  {
    title: 'a peer that has not renewed for the adoption time is dead',
    evidence: { beatAgeMs: 3000 },
    verdict: 'dead',
  },
  {
    title: '[CL3] old beats mean nothing to a node that has only just renewed again itself',
    evidence: { beatAgeMs: 60_000 },
    steadyForMs: 200,
    verdict: 'well',
  },
  {
    title: '[CL3] old beats make a peer suspect only once this node was steady for as long',
    evidence: { beatAgeMs: 60_000 },
    steadyForMs: 900,
    verdict: 'suspect',
  },
]

for (const { title, evidence, steadyForMs = 60_000, verdict } of cases)
  test(title, () => {
    assert.equal(judgePeer({ ...well, ...evidence }, 10_000, steadyForMs, terms).kind, verdict)
  })
