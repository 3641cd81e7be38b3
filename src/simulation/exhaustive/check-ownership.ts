import { realMs } from '../settle-node.ts'
import { type SearchReport, searchExhaustively } from './exhaustive-search.ts'
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
  /** Nothing was found where nothing is wrong, and every defect where it is. */
  readonly passed: boolean
}

const NO_FAULTS = { death: 0, pause: 0, cut: 0, loss: 0 }
const SMALL = { messages: 1, asks: 2, handovers: 0, timeSteps: 3 }
const GIVING = { messages: 2, asks: 2, handovers: 1, timeSteps: 1 }
const LARGE = { messages: 2, asks: 3, handovers: 1, timeSteps: 4 }
const STATES_MAX = 30_000
const COMPARE_EVERY = 200
const DEFECT_DEPTH = 9

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

/** Some minutes: more of everything, and faults in pairs. */
export const THOROUGH_SEARCHES: readonly OwnershipSearch[] = [2, 3].flatMap((nodes) => [
  { nodes, ...LARGE, ...one('pause'), depthMax: 12 },
  { nodes, ...LARGE, ...one('cut'), depthMax: 12 },
  { nodes, ...LARGE, ...one('loss'), depthMax: 12 },
  { nodes, ...LARGE, ...one('death'), depthMax: 12 },
  { nodes, ...SMALL, faults: { ...NO_FAULTS, pause: 1, loss: 1 }, depthMax: 14 },
  { nodes, ...SMALL, faults: { ...NO_FAULTS, death: 1, loss: 1 }, depthMax: 14 },
  { nodes, ...SMALL, faults: { ...NO_FAULTS, death: 2 }, depthMax: 14 },
])

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
  const isFound = (outcome: SearchOutcome) =>
    OWNERSHIP_DEFECTS.some(({ name, breaks }) => name === outcome.defect && breaks === outcome.violation?.rule)
  const complete = clean.length === searches.length && planted.length === OWNERSHIP_DEFECTS.length
  const passed = complete && clean.every(({ violation }) => !violation) && planted.every(isFound)
  return { searches: clean, defects: planted, passed }
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

/** A search in words: one line, and the story of a violation below it. */
export function outcomeLines(outcome: SearchOutcome): readonly string[] {
  const { search, defect, states, transitions, depth, exhausted, compared, seconds, violation } = outcome
  const faults = Object.entries(search.faults).filter(([, times]) => times > 0)
  const told = faults.map(([kind, times]) => (times > 1 ? `${times} x ${kind}` : kind)).join(' and ')
  const where = `${search.nodes} nodes, ${told}`
  const size = `${states} states, ${transitions} transitions, depth ${depth}, ${seconds.toFixed(1)} s`
  const reach = exhausted ? `every state down to depth ${search.depthMax}` : `stopped at ${STATES_MAX} states`
  if (!violation) {
    const sentence = defect ? `planted ${defect}: NOT FOUND` : `${where}: no rule was broken; ${reach}`
    return [`${sentence} (${size}, ${compared} pairs of ways to one state compared)`]
  }
  const found = defect ? `planted ${defect}: found` : `${where}: A RULE WAS BROKEN`
  return [
    `${found}, ${violation.rule} (${size})`,
    ...violation.story.map((sentence, index) => `  ${index + 1}. ${sentence}`),
    `  => ${violation.sentence}`,
  ]
}
