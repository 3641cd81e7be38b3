import type { Clock } from '../base/clock.ts'
import { within } from '../base/deadline.ts'
import type { NodeName } from '../base/ids.ts'
import { DOCTOR_CHECKS } from '../ops/doctor-catalogue.ts'
import { compareNodes } from '../ops/doctor-decision.ts'
import type { Measured, NodeReport } from '../ops/doctor-view-decision.ts'
import type { DoctorAnswer } from '../protocol/doctor-answers.ts'
import { doctorFactsIn } from '../protocol/doctor-schema.ts'
import type { MemberRow } from '../store/log-store.ts'
import { newestRuns, roleOf, stateOf } from './cluster-view.ts'
import type { NodeFacade } from './node-facade.ts'

interface DoctorRoundPorts {
  readonly node: Pick<NodeFacade, 'self' | 'members' | 'inspect'>
  readonly clock: Clock
}

// Together less than the ten seconds that commands wait for an answer.
const CLOCK_PATIENCE_MS = 1000
const FACTS_PATIENCE_MS = 6000
const CLOCK_SAMPLES = 3

/** Asks every node what it finds, all at the same time, and compares the answers. A node that is silent is a finding. */
export async function doctorRound(ports: DoctorRoundPorts): Promise<DoctorAnswer> {
  const { node, clock } = ports
  const asker = node.self().node
  const members = newestRuns(node.members()).filter((member) => member.node !== asker)
  const own = node.members().find((member) => member.incarnation === node.self().incarnation)
  const reports = await Promise.all([
    askedNode(ports, asker, own ? roleOf(own) : ''),
    ...members.filter((member) => !leftOnPurpose(member)).map((member) => reportOf(ports, member)),
  ])
  const nodes = reports.sort((one, other) => (one.node < other.node ? -1 : 1))
  const at = clock.wallMs()
  const findings = compareNodes({ reports: nodes, asker, nowMs: at })
  return {
    ...{ node: asker, at, nodes, findings },
    ok: findings.every(({ severity }) => severity !== 'failed'),
    checks: Object.entries(DOCTOR_CHECKS).map(([check, { title }]) => ({ check, title })),
  }
}

/** One that was drained and stopped is not missed. */
function leftOnPurpose(member: MemberRow): boolean {
  return stateOf(member) === 'dead' && member.mode === 'draining'
}

async function reportOf(ports: DoctorRoundPorts, member: MemberRow): Promise<NodeReport> {
  const { node, beatAgeMs } = member
  if (stateOf(member) !== 'dead') return askedNode(ports, node, roleOf(member))
  return { node, role: roleOf(member), silent: `it is dead; its last beat was ${Math.round(beatAgeMs / 1000)} s ago` }
}

async function askedNode(ports: DoctorRoundPorts, name: NodeName, role: string): Promise<NodeReport> {
  const clock = await clockOf(ports, name)
  const told = await asked(ports, name, 'doctor', FACTS_PATIENCE_MS)
  const facts = 'answer' in told ? doctorFactsIn(told.answer) : undefined
  const row = { node: name, role, ...(clock && { clock }) }
  if (facts) return { ...row, facts }
  return { ...row, silent: 'silent' in told ? told.silent : 'its answer is none that this version understands' }
}

/** The clock of a node minus this one, by the quickest of a few answers; `undefined`: it did not tell. */
async function clockOf(ports: DoctorRoundPorts, name: NodeName): Promise<Measured | undefined> {
  const { node, clock } = ports
  if (name === node.self().node) return { offsetMs: 0, uncertaintyMs: 0 }
  let best: Measured | undefined
  for (let sample = 0; sample < CLOCK_SAMPLES; sample++) {
    const [wallMs, askedAtMs] = [clock.wallMs(), clock.monotonicMs()]
    const told = await asked(ports, name, 'wall-clock', CLOCK_PATIENCE_MS)
    const tookMs = clock.monotonicMs() - askedAtMs
    // Who does not answer this will not be quicker the next time.
    if (!('answer' in told) || typeof told.answer !== 'number') return best
    // Both clocks are read in whole milliseconds.
    const uncertaintyMs = tookMs / 2 + 1
    if (best === undefined || uncertaintyMs < best.uncertaintyMs)
      best = { offsetMs: told.answer - (wallMs + tookMs / 2), uncertaintyMs }
  }
  return best
}

async function asked(
  { node, clock }: DoctorRoundPorts,
  name: NodeName,
  question: string,
  patienceMs: number,
): Promise<{ readonly answer: unknown } | { readonly silent: string }> {
  const answer = node.inspect(name, question, {}, patienceMs).then(
    (body) => ({ answer: body }),
    (error: unknown) => ({ silent: error instanceof Error ? error.message : String(error) }),
  )
  return within(clock, patienceMs, answer, { silent: `it did not answer within ${patienceMs / 1000} s` })
}
