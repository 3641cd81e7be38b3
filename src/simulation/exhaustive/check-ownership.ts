import { realMs } from '../settle-node.ts'
import { type SearchEnd, type SearchReport, searchExhaustively } from './exhaustive-search.ts'
import { type FaultKind, OWNERSHIP_DEFECTS, type OwnershipDefect } from './ownership-defects.ts'
import { type OwnershipBounds, OwnershipWorld } from './ownership-world.ts'

/** One search: what may happen, and how many moves deep. */
export interface OwnershipSearch extends OwnershipBounds {
  readonly depthMax: number
}

export interface SearchOutcome extends SearchReport {
  readonly search: OwnershipSearch
  readonly defect?: string
  readonly seconds: number
}

export interface OwnershipReport {
  readonly searches: readonly SearchOutcome[]
  readonly defects: readonly SearchOutcome[]
  /** Every search visited every state down to its depth: nothing ended one before, neither its states nor a broken rule. */
  readonly complete: boolean
  /** Complete, nothing was found where nothing is wrong, and every defect where it is. */
  readonly passed: boolean
}

const NO_FAULTS = { death: 0, pause: 0, cut: 0, loss: 0 }
const SMALL = { messages: 1, asks: 2, handovers: 0, timeSteps: 3 }
const GIVING = { messages: 2, asks: 2, handovers: 1, timeSteps: 1 }
const LARGE = { messages: 2, asks: 3, handovers: 1, timeSteps: 4 }
// A guard of the memory: a search that comes here has failed, as nobody knows what the rest of its states hides.
const STATES_MAX = 100_000
const COMPARE_EVERY = 200
const DEFECT_DEPTH = 9
// Deeper than any way goes: such a search ends when nothing is left.
const TO_THE_END = 99

const one = (kind: FaultKind) => ({ faults: { ...NO_FAULTS, [kind]: 1 } })

/** Some seconds: every fault alone. */
export const QUICK_SEARCHES: readonly OwnershipSearch[] = [
  { nodes: 2, ...SMALL, ...one('pause'), depthMax: 8 },
  { nodes: 2, ...SMALL, ...one('cut'), depthMax: 7 },
  { nodes: 2, ...SMALL, ...one('loss'), depthMax: 8 },
  { nodes: 2, ...SMALL, ...one('death'), depthMax: 4 },
  { nodes: 2, ...GIVING, ...one('loss'), depthMax: 4 },
  { nodes: 3, ...SMALL, ...one('pause'), depthMax: 5 },
  { nodes: 3, ...SMALL, ...one('cut'), depthMax: 5 },
  { nodes: 3, ...SMALL, ...one('loss'), depthMax: 6 },
  { nodes: 3, ...SMALL, ...one('death'), depthMax: 4 },
]

const PAUSE_AND_LOSS = { ...SMALL, faults: { ...NO_FAULTS, pause: 1, loss: 1 } }
const DEATH_AND_LOSS = { ...SMALL, faults: { ...NO_FAULTS, death: 1, loss: 1 } }
const TWO_DEATHS = { ...SMALL, faults: { ...NO_FAULTS, death: 2 } }

/**
 * Some minutes: small worlds with one fault to their very end, then more of everything, and faults in pairs. The depths
 * are such that all have fewer states than may be kept.
 */
export const THOROUGH_SEARCHES: readonly OwnershipSearch[] = [
  { nodes: 2, ...SMALL, ...one('pause'), depthMax: TO_THE_END },
  { nodes: 2, ...SMALL, ...one('cut'), depthMax: TO_THE_END },
  { nodes: 2, ...SMALL, ...one('loss'), depthMax: TO_THE_END },
  { nodes: 3, ...SMALL, ...one('loss'), depthMax: TO_THE_END },
  { nodes: 2, ...LARGE, ...one('pause'), depthMax: 9 },
  { nodes: 2, ...LARGE, ...one('cut'), depthMax: 9 },
  { nodes: 2, ...LARGE, ...one('loss'), depthMax: 10 },
  { nodes: 2, ...LARGE, ...one('death'), depthMax: 7 },
  { nodes: 2, ...PAUSE_AND_LOSS, depthMax: 11 },
  { nodes: 2, ...DEATH_AND_LOSS, depthMax: 8 },
  { nodes: 2, ...TWO_DEATHS, depthMax: 7 },
  { nodes: 3, ...LARGE, ...one('pause'), depthMax: 7 },
  { nodes: 3, ...LARGE, ...one('cut'), depthMax: 7 },
  { nodes: 3, ...LARGE, ...one('loss'), depthMax: 8 },
  { nodes: 3, ...LARGE, ...one('death'), depthMax: 6 },
  { nodes: 3, ...PAUSE_AND_LOSS, depthMax: 8 },
  { nodes: 3, ...DEATH_AND_LOSS, depthMax: 6 },
  { nodes: 3, ...TWO_DEATHS, depthMax: 6 },
]

/** Runs the searches on the production code, then looks for each defect in it. `done` hears of each as it ends. */
export async function checkOwnership(
  searches: readonly OwnershipSearch[],
  done: (outcome: SearchOutcome) => void = () => {},
  stopped: () => boolean = () => false,
): Promise<OwnershipReport> {
  const clean: SearchOutcome[] = []
  const planted: SearchOutcome[] = []
  const run = async (outcomes: SearchOutcome[], search: OwnershipSearch, defect?: OwnershipDefect) => {
    if (stopped()) return
    const outcome = await searchOnce(search, defect, stopped)
    outcomes.push(outcome)
    done(outcome)
  }
  for (const search of searches) await run(clean, search)
  for (const defect of OWNERSHIP_DEFECTS)
    await run(planted, { nodes: 2, ...SMALL, ...one(defect.fault), depthMax: DEFECT_DEPTH }, defect)
  return judged(searches.length, clean, planted)
}

/** What the outcomes of `wanted` searches and of the hunts for all defects are worth. */
export function judged(
  wanted: number,
  searches: readonly SearchOutcome[],
  defects: readonly SearchOutcome[],
): OwnershipReport {
  const allFound = defects.length === OWNERSHIP_DEFECTS.length && defects.every(isFound)
  const complete =
    searches.length === wanted && searches.every(({ ended }) => ended === 'exhausted' || ended === 'depth')
  return { searches, defects, complete, passed: complete && allFound }
}

async function searchOnce(
  search: OwnershipSearch,
  defect: OwnershipDefect | undefined,
  stopped: () => boolean,
): Promise<SearchOutcome> {
  const beganMs = realMs()
  const bounds = { depthMax: search.depthMax, statesMax: STATES_MAX, compareEvery: COMPARE_EVERY, stopped }
  const report = await searchExhaustively(() => OwnershipWorld.begin(search, defect), bounds)
  return { ...report, search, ...(defect && { defect: defect.name }), seconds: (realMs() - beganMs) / 1000 }
}

/** A defect is found by the rule that it breaks, and by no other one. */
function isFound({ defect, violation }: SearchOutcome): boolean {
  return OWNERSHIP_DEFECTS.some(({ name, breaks }) => name === defect && breaks === violation?.rule)
}

const REACH: Readonly<Record<SearchEnd, (depthMax: number) => string>> = {
  exhausted: () => 'every state that there is',
  depth: (depthMax) => `every state down to depth ${depthMax}`,
  states: () => `NOT EXHAUSTIVE, stopped at ${STATES_MAX} states`,
  stopped: () => 'NOT EXHAUSTIVE, interrupted',
  violation: () => 'ended there',
}

/** What all of it comes to, in one line. */
export function verdictLine({ searches, defects, complete, passed }: OwnershipReport): string {
  const sum = (of: (outcome: SearchOutcome) => number) =>
    [...searches, ...defects].reduce((all, each) => all + of(each), 0)
  const broken = searches.filter(({ violation }) => violation).length
  const found = defects.filter(isFound).length
  const size = `${sum(({ states }) => states)} states in ${sum(({ seconds }) => seconds).toFixed(0)} s`
  const through = complete ? 'every one searched through' : 'NOT EXHAUSTIVE, as something ended one before its depth'
  const told = `${searches.length} searches, ${through}; ${broken} broke a rule; planted defects found ${found}/${defects.length}`
  return `${told}; ${size}: ${passed ? 'passed' : 'FAILED'}`
}

/** A search in words: one line, and the story of a violation below it. */
export function outcomeLines(outcome: SearchOutcome): readonly string[] {
  const { search, defect, states, transitions, depth, ended, compared, seconds, violation } = outcome
  const faults = Object.entries(search.faults).filter(([, times]) => times > 0)
  const told = faults.map(([kind, times]) => (times > 1 ? `${times} x ${kind}` : kind)).join(' and ')
  const { nodes, messages, asks, handovers, timeSteps } = search
  const where = `${nodes} nodes, ${told} (messages ${messages}, questions ${asks}, handovers ${handovers}, steps of time ${timeSteps})`
  const size = `${states} states, ${transitions} transitions, depth ${depth}, ${seconds.toFixed(1)} s`
  const reach = REACH[ended](search.depthMax)
  if (!violation) {
    const sentence = defect ? `planted ${defect}: NOT FOUND` : `${where}: no rule was broken; ${reach}`
    return [`${sentence} (${size}, ${compared} pairs of ways to one state compared)`]
  }
  const planted = `planted ${defect}: ${isFound(outcome) ? 'found' : 'NOT FOUND, and a rule was broken that it does not break'}`
  const found = defect ? planted : `${where}: A RULE WAS BROKEN`
  return [
    `${found}, ${violation.rule} (${size})`,
    ...violation.story.map((sentence, index) => `  ${index + 1}. ${sentence}`),
    `  => ${violation.sentence}`,
  ]
}
